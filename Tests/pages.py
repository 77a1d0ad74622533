"""Loads pages and drawings in headless Chromium as a reader sees them: on a phone and on a desk, light
and dark. Fails where a script fails, something is loaded from elsewhere, a page is wider than the
screen, labels of a drawing lie on each other or beyond its edge, or the keyboard doesn't reach what
scrolls or can be chosen.

  Tests/pages.py CHROMIUM FILE ...

Needs the package playwright (see Tests/install-browser.sh) and a Chromium of the system.
"""

import pathlib
import sys

from playwright.sync_api import sync_playwright

WIDTHS = {"phone": 390, "desk": 1280}

# Labels whose boxes meet by more than a pixel or two, and those that the edge of the drawing cuts. A
# box is as high as the font's line, so a quarter of its height may be shared.
LABELS = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const edge = svg.getBoundingClientRect();
  if (edge.width === 0) return [];
  const texts = [...svg.querySelectorAll('text')].filter(text => !text.closest('g'));
  const boxes = texts.map(text => ({
    text: text.textContent, slanted: text.hasAttribute('transform'),
    box: text.getBoundingClientRect()}));
  const wrong = boxes.filter(({box}) =>
    box.left < edge.left - 1.5 || box.right > edge.right + 1.5
    || box.top < edge.top - 4 || box.bottom > edge.bottom + 4
  ).map(({text}) => `"${text}" is cut by the edge`);
  const upright = boxes.filter(({slanted}) => !slanted);
  upright.forEach(({text, box}, index) => upright.slice(index + 1).forEach(other => {
    const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
    const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
    if (across > 1.5 && down > 0.35 * Math.min(box.height, other.box.height))
      wrong.push(`"${text}" and "${other.text}" lie on each other`);
  }));
  return wrong;
})"""

# What scrolls sideways but can't be reached by the keyboard.
UNREACHED = """() => [...document.querySelectorAll('.pan, .scroll')]
  .filter(frame => frame.scrollWidth > frame.clientWidth + 1 && frame.tabIndex < 0)
  .map(frame => `"${frame.textContent.trim().slice(0, 30)}" scrolls, but has no tabindex`)"""

SHOWN = """group => [...group.querySelectorAll('.choice')]
  .map((choice, index) => choice.offsetHeight > 0 ? index : -1).filter(index => index >= 0)"""


def check_choices(page):
    """One map of each group is shown; an arrow key and a click show another one."""
    wrong = []
    for group in page.query_selector_all(".layers"):
        buttons = group.query_selector_all("input")
        labels = group.query_selector_all("label")
        seen = [group.evaluate(SHOWN)]
        buttons[0].focus()
        page.keyboard.press("ArrowRight")
        seen.append(group.evaluate(SHOWN))
        focused = page.evaluate(
            "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle")
        labels[-1].click()
        seen.append(group.evaluate(SHOWN))
        expected = [[0], [min(1, len(buttons) - 1)], [len(buttons) - 1]]
        if seen != expected:
            wrong.append(f"choices shown at first, after a key, after a click: {seen}")
        if focused == "none":
            wrong.append("the chosen button doesn't show that it has the focus")
    return wrong


def check_focus(page):
    """The Tab key visits everything that can be reached, and each shows it."""
    count = page.evaluate(
        "[...document.querySelectorAll('[tabindex=\"0\"]')].filter(e => e.offsetHeight > 0).length"
        " + new Set([...document.querySelectorAll('input')].map(input => input.name)).size")
    page.evaluate("document.activeElement.blur(); window.visited = new Set()")
    for _ in range(count):
        page.keyboard.press("Tab")
        page.evaluate("""() => {
          const element = document.activeElement;
          const shown = element.tagName === 'INPUT' ? element.nextElementSibling : element;
          if (element !== document.body && getComputedStyle(shown).outlineStyle !== 'none')
            visited.add(element);
        }""")
    visited = page.evaluate("visited.size")
    return [] if visited == count else [f"the Tab key visits {visited} of {count} elements"]


def check(browser, path, scheme, width):
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", lambda message: wrong.append(f"console: {message.text}")
            if message.type in ("error", "warning") else None)
    address = path.resolve().as_uri()
    page.on("request", lambda request: wrong.append(f"loads {request.url}")
            if request.url != address else None)
    page.goto(address)
    wrong += page.evaluate(LABELS)
    if path.suffix == ".html":
        extent = page.evaluate("document.documentElement.scrollWidth")
        if extent > width:
            wrong.append(f"is {extent} pixels wide")
        wrong += page.evaluate(UNREACHED) + check_focus(page) + check_choices(page)
    page.close()
    return wrong


def main(chromium, paths):
    passed = failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in map(pathlib.Path, paths):
            for scheme in ("light", "dark"):
                for name, width in WIDTHS.items():
                    wrong = check(browser, path, scheme, width)
                    passed, failed = passed + (not wrong), failed + bool(wrong)
                    for sentence in wrong:
                        print(f"{path.name}, {name}, {scheme}: {sentence}")
        browser.close()
    print(f"Pages: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
