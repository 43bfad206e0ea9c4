# Lines as text of HTML. With document.awk, whose form is html.

{ print escape($0) }
