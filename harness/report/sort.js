/* SPDX-License-Identifier: BSD-2-Clause */
// Makes tables sortable by a click on a column heading; they are readable without it.
for (const table of document.querySelectorAll('table')) {
    table.querySelectorAll('th').forEach((th, column) => {
        if (!th.textContent.trim()) return;
        const button = document.createElement('button');
        button.textContent = th.textContent;
        th.replaceChildren(button);
        let up = false;
        button.addEventListener('click', () => {
            up = !up;
            const value = row => row.cells[column].textContent;
            const number = row => parseFloat(value(row));
            const order = (a, b) => isNaN(number(a) - number(b)) ? value(a).localeCompare(value(b)) : number(a) - number(b);
            const body = table.tBodies[0];
            body.append(...[...body.rows].sort((a, b) => up ? order(a, b) : order(b, a)));
            table.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
            th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        });
    });
}
