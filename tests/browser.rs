//! The HTML report in a real browser, where one is installed: counterparts light up, keys move, text can be read on every
//! ground, it fits three widths, and no text runs as script.

use std::process::Command;

use serde_json::{Value, json};
use translate::Format;
use translate::bitext::Bitext;

use crate::output::{harbour, hostile, written};

/// Stands before the page's own script, tries it out when the page is there, and leaves what it saw in the title.
const PROBE: &str = r#"<script>
const faults = [];
addEventListener("error", (event) => faults.push(event.message));
addEventListener("securitypolicyviolation", (event) => faults.push(event.violatedDirective));
console.error = console.warn = (text) => faults.push(String(text));
window.alert = () => faults.push("text ran as script");

// WCAG 2.2: relative luminance and contrast ratio.
const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const luminance = (colour) => {
  const [r, g, b] = channels(colour).slice(0, 3).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((channels(colour)[3] ?? 1) > 0) return colour;
  }
  return "rgb(255, 255, 255)";
};
const contrast = () => {
  let worst = 21;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.matches("script, style") || !element.getClientRects().length) continue;
    const [light, dark] = [getComputedStyle(element).color, ground(element)].map(luminance).sort((a, b) => b - a);
    worst = Math.min(worst, (light + 0.05) / (dark + 0.05));
  }
  return worst;
};

addEventListener("load", () => {
  const [source, target] = ["de2", "en2"].map((id) => document.getElementById(id));
  const lit = (sentence) => sentence.classList.contains("lit");
  const mouse = (on, kind) => on.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
  const key = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  mouse(source, "mouseover");
  const forth = lit(target);
  mouse(source, "mouseout");
  const left = !lit(target) && !lit(source);
  mouse(target, "mouseover");
  const back = lit(source);
  mouse(target, "mouseout");
  source.focus();
  const focused = lit(target);
  key("ArrowRight");
  const moved = document.activeElement === target;
  key("ArrowDown");
  const down = document.activeElement.id === "en3";
  key("Escape");
  const escaped = document.activeElement === document.body && !document.querySelector(".lit");
  const stops = document.querySelectorAll(".s[tabindex='0']").length;
  const links = [...document.querySelectorAll(".summary a")];
  const linked = links.length > 0 && links.every((link) => document.getElementById(link.hash.slice(1)));
  const [first, second] = [...document.querySelectorAll("main .row:not(.names)")[0].children].map((cell) => cell.getBoundingClientRect());
  const languages = document.documentElement.lang === "en" &&
    [...document.querySelectorAll("[id^=de]")].every((sentence) => sentence.closest("[lang]").lang === "de") &&
    [...document.querySelectorAll("[id^=en]")].every((sentence) => sentence.closest("[lang]").lang === "en");
  const plain = contrast();
  document.querySelectorAll(".s").forEach((sentence) => sentence.classList.add("lit"));
  const readable = Math.min(plain, contrast()) >= 4.5;
  document.title = JSON.stringify({
    forth, left, back, focused, moved, down, escaped, stops, linked, languages, readable, faults,
    width: innerWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    stacked: second.top !== first.top,
    overflows: document.documentElement.scrollWidth > innerWidth,
  });
});
</script>"#;

/// What the probe saw; `None` where no browser runs.
fn seen(bitext: &Bitext, width: u32, dark: bool) -> Option<Value> {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    std::fs::write(&page, written(bitext, Format::Html).replacen("<head>", &format!("<head>{PROBE}"), 1)).unwrap();
    let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
    let run = |browser: &str| {
        let mut command = Command::new(browser);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--timeout=20000",
            "--dump-dom",
            &profile,
            &format!("--window-size={width},900"),
            // 0 is dark.
            &format!("--blink-settings=preferredColorScheme={}", u8::from(!dark)),
        ]);
        let output = command.arg(&page).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
            .filter(|dom| output.status.success() && !dom.is_empty())
    };
    let dom = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(run)?;
    let title = dom.split_once("<title>")?.1.split_once("</title>")?.0.replace("&quot;", "\"");
    Some(serde_json::from_str(&title).unwrap_or_else(|_| panic!("the probe did not run: {title}")))
}

#[test]
fn the_page_works_in_a_browser_and_runs_no_text() {
    let runs = [(harbour(), 1400, false), (harbour(), 900, true), (harbour(), 400, false), (hostile(), 400, true)];
    let seen: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            runs.iter().map(|(bitext, width, dark)| scope.spawn(move || seen(bitext, *width, *dark))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for ((_, width, dark), seen) in runs.iter().zip(seen) {
        let Some(mut seen) = seen else {
            println!("skipped: no Chromium runs here");
            return;
        };
        // Some versions open no window as narrow as asked for.
        let real = seen.as_object_mut().unwrap().remove("width").unwrap().as_u64().unwrap();
        assert!(real >= u64::from(*width) && real < u64::from(*width) + 150, "{real} instead of {width}");
        let expected = json!({
            "forth": true, "left": true, "back": true, "focused": true, "moved": true, "down": true, "escaped": true,
            "stops": 1, "linked": true, "languages": true, "readable": true, "faults": [],
            "dark": dark, "stacked": *width < 700, "overflows": false,
        });
        assert_eq!(seen, expected, "{width} pixels, dark: {dark}");
    }
}
