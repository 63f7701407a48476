"""Opens pages in chromium, clicks through them, and checks how they look to all readers; see check-report.sh.

usage: check-report.py AXE.js FOLDER PAGE.html...
"""

import pathlib
import sys
from urllib.parse import unquote, urlparse

from playwright.sync_api import sync_playwright

WIDE, NARROW = {"width": 1300, "height": 900}, {"width": 390, "height": 800}
# What an A4 sheet holds between chromium's margins, in CSS pixels.
SHEET = {"width": 718, "height": 1047}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Wider than what is around it, and not scrolled by anything: cut off, or it makes the whole page scroll.
CUT_OFF = """() => {
  const root = document.documentElement, found = [];
  if (root.scrollWidth > root.clientWidth + 1) found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  for (const element of document.querySelectorAll("main *")) {
    const hides = getComputedStyle(element).overflowX;
    const scrolls = hides === "auto" || hides === "scroll";
    if (hides !== "visible" && element.scrollWidth > element.clientWidth + 1 && !(SCROLLING_IS_FINE && scrolls))
      found.push(`${element.tagName} of ${element.closest("section")?.id}: ${element.scrollWidth} in ${element.clientWidth}`);
  }
  return found;
}"""


class Checks:
    """What was checked of one page in one guise, and what failed."""

    def __init__(self):
        self.counts, self.failed = {}, []

    def want(self, what, holds):
        if not holds:
            self.failed.append(what)

    def count(self, what, n):
        self.counts[what] = n


def click_through(page, checks):
    """Every link of the contents, every table that can be opened, and the filter."""
    links = page.locator("nav a")
    checks.count("links", links.count())
    checks.want("the contents have links", links.count() >= 2)
    for at in range(links.count()):
        target = links.nth(at).get_attribute("href")
        links.nth(at).click()
        checks.want(f"{target} leads to a section", page.locator(f"section{target}, h3{target}").count() == 1)
        checks.want(f"{target} is shown", page.locator(target).evaluate(
            "of => { const box = of.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; }"))
    summaries = page.locator("main details > summary")
    checks.count("folded tables", summaries.count())
    for at in range(summaries.count()):
        summary = summaries.nth(at)
        if not summary.evaluate("of => of.parentElement.open"):
            summary.click()
        checks.want(f"summary {at} opens its table", summary.evaluate(
            "of => of.parentElement.open && of.parentElement.getBoundingClientRect().height > 40"))
    checks.want("summaries can be reached by key", page.locator("main details > summary").evaluate_all(
        "all => all.every(of => { of.focus(); return document.activeElement === of; })"))
    filter_rows(page, checks)
    checks.want("plots have titles", page.locator("svg").evaluate_all(
        "all => all.every(of => of.querySelector('title')?.textContent)"))


def filter_rows(page, checks):
    rows, field = page.locator("#cases tbody tr"), page.locator("#filter")
    if field.count() == 0:
        return
    checks.count("rows", rows.count())
    place = rows.first.locator("td").nth(1).inner_text()
    field.fill(place)
    shown = page.locator("#cases tbody tr:visible")
    checks.want("the filter keeps what matches", 0 < shown.count() and all(
        place.lower() in text.lower() for text in shown.all_inner_texts()))
    checks.want("the filter says how many are left",
                page.locator("#filter-count").inner_text().startswith(f"{shown.count()} of {rows.count()}"))
    field.fill("no such text")
    checks.want("the filter hides the rest", shown.count() == 0)
    field.fill("")
    checks.want("an empty filter shows all", shown.count() == rows.count())


def links_lead_somewhere(page, checks, path):
    """Links to other files, as those of a release's index: each is there, and a page opens."""
    targets = page.locator("a[href]").evaluate_all("all => all.map(of => of.getAttribute('href'))")
    others = sorted({target.split("#")[0] for target in targets} - {""})
    for other in others:
        checks.want(f"{other} is in the folder", not urlparse(other).scheme and (path.parent / unquote(other)).is_file())
    pages = [other for other in others if other.endswith(".html")]
    if pages:
        page.locator(f"main a[href='{pages[0]}']").first.click()
        checks.want(f"{pages[0]} opens", page.locator("h1").count() == 1)
        page.go_back()
    checks.count("files linked", len(others))


def accessible(page, checks, axe):
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    checks.count("accessibility rules", len(found["passes"]))
    for violation in found["violations"]:
        node = violation["nodes"][0]
        checks.failed.append(f"{violation['id']}: {violation['help']} ({len(violation['nodes'])}x, {node['target']})")


def open_page(browser, path, checks, viewport, scheme):
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    page.on("pageerror", lambda error: checks.failed.append(f"a script failed: {error.message}"))
    page.on("console", lambda said: checks.want(f"the browser complains: {said.text}", said.type != "error"))
    page.goto(path.as_uri())
    checks.want(f"nothing else is loaded: {loaded[1:]}", loaded == [path.as_uri()])
    return page


def check(browser, path, axe, pictures):
    """All guises of a page; what each counted and what failed."""
    results = []
    for guise, viewport, scheme in [("light", WIDE, "light"), ("dark", WIDE, "dark"), ("narrow", NARROW, "light")]:
        checks = Checks()
        page = open_page(browser, path, checks, viewport, scheme)
        page.screenshot(path=pictures / f"{guise}.png", full_page=True)
        click_through(page, checks)
        for found in page.evaluate(CUT_OFF.replace("SCROLLING_IS_FINE", "true")):
            checks.failed.append(f"cut off: {found}")
        accessible(page, checks, axe)
        links_lead_somewhere(page, checks, path)
        page.context.close()
        results.append((guise, checks))
    checks = Checks()
    page = open_page(browser, path, checks, SHEET, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    for found in page.evaluate(CUT_OFF.replace("SCROLLING_IS_FINE", "false")):
        checks.failed.append(f"cut off: {found}")
    checks.want("paper is white", page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)")
    checks.want("ink is dark", page.evaluate(
        "() => getComputedStyle(document.body).color.match(/\\d+/g).every(of => Number(of) < 90)"))
    accessible(page, checks, axe)
    page.pdf(path=pictures / "print.pdf", format="A4", print_background=False)
    page.context.close()
    results.append(("print", checks))
    return results


def main():
    axe = pathlib.Path(sys.argv[1]).read_text()
    folder = pathlib.Path(sys.argv[2]).resolve()
    failed = False
    with sync_playwright() as play:
        # Nothing resolves: a page that needs a network shows it.
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"])
        for path in map(pathlib.Path, sys.argv[3:]):
            path = path.resolve()
            pictures = folder / f"{path.parent.name}-{path.stem}"
            pictures.mkdir(parents=True, exist_ok=True)
            for guise, checks in check(browser, path, axe, pictures):
                counts = ", ".join(f"{n} {what}" for what, n in checks.counts.items())
                print(f"{path.parent.name}/{path.name}, {guise}: {counts}; {len(checks.failed)} checks failed", flush=True)
                for failure in checks.failed:
                    print("  ", failure)
                failed = failed or bool(checks.failed)
        browser.close()
    sys.exit(failed)


main()
