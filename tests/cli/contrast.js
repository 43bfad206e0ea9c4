/* SPDX-License-Identifier: BSD-2-Clause */
// Text of the page that has less contrast to what is behind it than WCAG 2.1 AA asks for (4.5, or 3 where it is large): a
// list of "text: contrast". Figures have a white background of their own.
const luminance = ([r, g, b]) => [r, g, b]
    .map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const numbers = colour => colour.match(/[\d.]+/g).map(Number);
const behind = element => {
    for (let e = element; e; e = e.parentElement) {
        if (e instanceof SVGElement && !(e instanceof SVGSVGElement)) continue;
        const colour = numbers(getComputedStyle(e).backgroundColor);
        if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
};
const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const poor = [];
let seen = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest('script, style, title, desc')) continue;
    const style = getComputedStyle(element);
    const drawn = element.closest('svg');
    const colour = numbers(drawn ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5;
    const contrast = ratio(luminance(colour), luminance(behind(element)));
    seen++;
    if (contrast < least) poor.push(`${text}: ${contrast.toFixed(2)}`);
}
return {seen, poor};
