"""One style sheet for the whole site: every sheet in its order, without the rules that no page could use.

The theme's sheets hold ten times what this book uses of them. A rule stays if some page has every tag, class and
id that its selector names; what scripts may add counts as had if one of this book's scripts mentions the word.
"""

import hashlib
import re
from pathlib import Path

import tinycss2
from tinycss2.ast import FunctionBlock, HashToken, IdentToken, LiteralToken

THEME_SHEETS = ("basic.css", "styles/pydata-sphinx-theme.css")
SHEET = "book.css"
LINK = re.compile(r"(_static/book\.css)(\?v=\w+)?(?=\")")
ICON_FONT = "Font Awesome"
WORD = re.compile(r"[A-Za-z_][\w-]*")


class Used:
    """The tags, classes, ids and names that pages and scripts have."""

    def __init__(self, pages, scripts):
        words = set(WORD.findall(scripts))
        self.tags = set().union(*(page.tags for page in pages)) | words
        self.classes = set().union(*(page.classes for page in pages)) | words
        self.ids = set().union(*(page.ids for page in pages)) | words
        self.variables = set(re.findall(r"--[\w-]+", scripts))
        for page in pages:
            for style in page.styles:
                self.variables |= set(re.findall(r"--[\w-]+", style))


def split(tokens):
    """The parts of a list of tokens between its commas."""
    parts = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def possible(tokens, used):
    """Whether something in the pages could match a selector."""
    before = None
    for token in tokens:
        if isinstance(token, HashToken):
            if token.value not in used.ids:
                return False
        elif isinstance(token, IdentToken):
            after_dot = isinstance(before, LiteralToken) and before.value == "."
            after_colon = isinstance(before, LiteralToken) and before.value == ":"
            if after_dot and token.value not in used.classes:
                return False
            if not after_dot and not after_colon and token.lower_value not in used.tags:
                return False
        elif isinstance(token, FunctionBlock):
            chooses = token.lower_name in ("is", "where", "has")
            if chooses and not any(possible(part, used) for part in split(token.arguments)):
                return False
        before = token
    return True


def squeezed(tokens):
    """Tokens as text, without comments and with no more space than needed."""
    text = re.sub(r"/\*.*?\*/", "", tinycss2.serialize(tokens), flags=re.DOTALL)
    return re.sub(r"\s*([;{}])\s*", r"\1", re.sub(r"\s+", " ", text)).strip(" ;")


def declarations(content):
    """A rule's declarations, or None where it also holds other rules."""
    parsed = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return parsed if all(item.type == "declaration" for item in parsed) else None


def sift(rules, used):
    """Yield what stays, as (head, rules inside) or (head, content of the rule)."""
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [squeezed(part) for part in split(rule.prelude) if possible(part, used)]
            if selectors and ICON_FONT not in tinycss2.serialize(rule.content):
                yield ",".join(selectors), rule.content
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports", "layer", "container"):
            if rule.content is None:
                continue
            inside = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            kept = list(sift(inside, used))
            if kept:
                yield f"@{rule.at_keyword} {squeezed(rule.prelude)}", kept
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("font-face", "keyframes", "page", "property"):
            icons = ICON_FONT in tinycss2.serialize(rule.content).replace("\\", "")
            if not icons:
                yield f"@{rule.at_keyword} {squeezed(rule.prelude)}".strip(), rule.content


def bodies(rules):
    """Every content among sifted rules."""
    for _, inside in rules:
        if inside and isinstance(inside[0], tuple):
            yield from bodies(inside)
        else:
            yield inside


def living_variables(rules, used):
    """The custom properties that some kept declaration, page or script needs, also by way of others."""
    needs, wanted = {}, set(used.variables)
    for content in bodies(rules):
        items = declarations(content)
        if items is None:
            wanted |= set(re.findall(r"--[\w-]+", tinycss2.serialize(content)))
            continue
        for item in items:
            named = set(re.findall(r"--[\w-]+", tinycss2.serialize(item.value)))
            if item.name.startswith("--"):
                needs.setdefault(item.name, set()).update(named)
            else:
                wanted |= named
    living, waiting = set(), list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in living:
            living.add(name)
            waiting.extend(needs.get(name, ()))
    return living


def written(rules, living, animations):
    """The sheet's text."""
    parts = []
    for head, inside in rules:
        if inside and isinstance(inside[0], tuple):
            body = written(inside, living, animations)
        else:
            items = declarations(inside) if not head.startswith("@") else None
            if items is None:
                body = squeezed(inside)
            else:
                kept = [item for item in items if not item.name.startswith("--") or item.name in living]
                body = ";".join(
                    f"{item.name}:{squeezed(item.value)}{'!important' if item.important else ''}" for item in kept
                )
        if body and not (head.startswith("@keyframes") and head.split()[1] not in animations):
            parts.append(f"{head}{{{body}}}")
    return "".join(parts)


def relative(text, folder):
    """The addresses in a sheet, as they are from _static."""

    def moved(match):
        address = match[2]
        if address.startswith(("data:", "#")):
            return match[0]
        return f'url("{(folder / address).as_posix()}")'

    return re.sub(r"url\((['\"]?)([^'\")]+)\1\)", moved, text)


def own_folders(app):
    """The folders of assets that are this book's, not an extension's."""
    return [Path(app.confdir) / folder for folder in app.config.html_static_path if not Path(folder).is_absolute()]


def own_files(app, pattern):
    """This book's own assets of one kind, in the order of their names."""
    return [path for folder in own_folders(app) for path in sorted(folder.glob(pattern))]


def sheets(app):
    """The names of all sheets under _static, in the order in which their rules apply."""
    listed = [str(sheet.filename).removeprefix("_static/").split("?")[0] for sheet in app.builder._css_files]
    return list(dict.fromkeys([*THEME_SHEETS, *listed, *(path.name for path in own_files(app, "*.css"))]))


def write_sheet(app, pages):
    """Write the one sheet, in place of all others, and name it in every page with a mark of its content.

    Return the static files that it asks for.
    """
    folder = Path(app.outdir) / "_static"
    scripts = "".join(path.read_text(encoding="utf-8") for path in own_files(app, "*.js"))
    used = Used(pages, scripts)
    rules = []
    for name in sheets(app):
        path = folder / name
        if path.is_file():
            text = relative(path.read_text(encoding="utf-8"), Path(name).parent)
            parsed = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
            faults = [rule.message for rule in parsed if rule.type == "error"]
            if faults:
                raise ValueError(f"{name}: {faults}")
            rules += sift(parsed, used)
    living = living_variables(rules, used)
    animations = set(WORD.findall(" ".join(
        tinycss2.serialize(item.value)
        for content in bodies(rules)
        for item in declarations(content) or ()
        if item.name.startswith("animation")
    )))  # fmt: skip
    text = written(rules, living, animations)
    (folder / SHEET).write_text(text + "\n", encoding="utf-8", newline="\n")
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    for name in sheets(app):
        (folder / name).unlink(missing_ok=True)
    for page in pages:
        path = Path(app.outdir) / page.name
        before = path.read_text(encoding="utf-8")
        after = LINK.sub(rf"\1?v={mark}", before)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
    return {address for address in re.findall(r'url\("?([^")]+)', text) if not address.startswith("data:")}
