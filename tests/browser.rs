//! The HTML report in a real browser, where one is installed: counterparts light up, keys move, no text runs as script.

use std::process::Command;

use translate::Format;
use translate::bitext::Bitext;

use crate::output::{harbour, hostile, written};

/// Stands before the page's own script, tries it out when the page is there, and leaves what it saw in the title.
const PROBE: &str = r#"<script>
const faults = [];
addEventListener("error", (event) => faults.push(event.message));
addEventListener("securitypolicyviolation", (event) => faults.push(event.violatedDirective));
window.alert = () => faults.push("text ran as script");
addEventListener("load", () => {
  const [source, target] = ["de2", "en2"].map((id) => document.getElementById(id));
  const lit = () => target.classList.contains("lit");
  const mouse = (kind) => source.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
  const key = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  mouse("mouseover");
  const hovered = lit();
  mouse("mouseout");
  const left = !lit();
  source.focus();
  const focused = lit();
  key("ArrowRight");
  const moved = document.activeElement === target;
  document.title = JSON.stringify({ hovered, left, focused, moved, faults });
});
</script>"#;

/// What the probe saw; `None` where no browser runs.
fn seen(bitext: &Bitext) -> Option<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    std::fs::write(&page, written(bitext, Format::Html).replacen("<head>", &format!("<head>{PROBE}"), 1)).unwrap();
    let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
    let run = |browser: &str| {
        let options = ["--headless", "--no-sandbox", "--disable-gpu", "--timeout=20000", "--dump-dom", &profile];
        let output = Command::new(browser).args(options).arg(&page).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
            .filter(|dom| output.status.success() && !dom.is_empty())
    };
    let dom = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(run)?;
    let title = dom.split_once("<title>")?.1.split_once("</title>")?.0.replace("&quot;", "\"");
    Some(serde_json::from_str(&title).unwrap_or_else(|_| panic!("the probe did not run: {title}")))
}

#[test]
fn the_page_works_in_a_browser_and_runs_no_text() {
    for bitext in [harbour(), hostile()] {
        let Some(seen) = seen(&bitext) else {
            println!("skipped: no Chromium runs here");
            return;
        };
        let expected = serde_json::json!({"hovered": true, "left": true, "focused": true, "moved": true, "faults": []});
        assert_eq!(seen, expected);
    }
}
