"""How the page looks: colours of the pictures, the fonts of the system, light and dark."""

from ..panels import BLUE

CSS = (
    f":root {{ --ser-blue: {BLUE}; }}"
    + """
.gradio-container {
  max-width: min(1120px, 100%) !important; min-width: 0 !important; margin: 0 auto !important;
}
.gradio-container > .main, .gradio-container .wrap, .gradio-container .contain,
.gradio-container .column { max-width: 100%; }
.html-container { padding: 0 !important; }
.ser-head h1 { font-size: 1.7rem; font-weight: 700; margin: .4rem 0 .2rem; }
.ser-head p, .ser-small { color: var(--body-text-color-subdued); margin: 0; font-size: .9rem; }
.ser h3 { font-size: 1rem; font-weight: 600; margin: 1.1rem 0 .5rem; }
.ser p { line-height: 1.5; }
.ser-empty, .ser-refusal {
  display: flex; flex-direction: column; gap: .35rem; padding: 1.6rem 1.2rem; border-radius: 8px;
  border: 1px dashed var(--border-color-primary); color: var(--body-text-color-subdued);
  overflow-wrap: anywhere;
}
.ser-empty b, .ser-refusal b { font-size: 1.1rem; color: var(--body-text-color); }
.ser-refusal { border: 1px solid #d55e00; border-left-width: 6px; color: var(--body-text-color); }
.ser-decision {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .8rem; margin: 0 0 .8rem;
}
.ser-decision b { font-size: 2.6rem; line-height: 1.15; overflow-wrap: anywhere; }
.ser-decision span { font-size: 1.05rem; color: var(--body-text-color-subdued); }
.ser-note, .ser-leaky {
  padding: .6rem .9rem; border-radius: 6px; border-left: 6px solid #e69f00; margin: 0 0 .9rem;
  background: var(--background-fill-secondary);
}
.ser-head .ser-leaky {
  border-left-color: #d55e00; margin: .7rem 0 0; color: var(--body-text-color); font-size: 1rem;
}
.ser-leaky b { color: #fff; background: #b34700; border-radius: 4px; padding: .05rem .4rem; }
ul.ser-bars { list-style: none !important; padding: 0 !important; margin: 0 0 .8rem !important; }
.ser-bars li {
  display: grid; grid-template-columns: minmax(5.5rem, 8rem) 1fr 6.2rem; align-items: center;
  gap: .7rem; margin: .28rem 0 !important; padding: 0 !important;
}
.ser-bars li > span:first-child { overflow-wrap: anywhere; }
.ser-bars li > span:last-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
.ser-bars li > i { display: block; height: .85rem; border-radius: 3px;
  background: var(--background-fill-secondary); overflow: hidden; }
.ser-bars li > i > i { display: block; height: 100%; background: #8a949e; }
.ser-bars .ser-best { font-weight: 600; }
.ser-bars .ser-best > i > i { background: var(--ser-blue); }
#recording .source-selection { height: auto; min-height: 2.6rem; gap: 1.2rem; }
#recording .source-selection button {
  display: flex; align-items: center; width: auto; gap: .45rem; padding: .4rem .5rem;
  color: var(--body-text-color);
}
#recording .source-selection svg { width: 1rem; height: 1rem; flex: none; }
#recording .source-selection button.selected { color: #2b7fd0; }
#recording .source-selection button::after { content: "File"; font-size: .9rem; }
#recording .source-selection button + button::after { content: "Microphone"; }
.ser-picture { overflow-x: auto; contain: inline-size;
  margin-bottom: .8rem; border-radius: 8px; background: #fff;
  border: 1px solid var(--border-color-primary); }
.ser-picture img { display: block; width: 100%; min-width: 640px; margin: 0; }
.ser-card { display: grid; grid-template-columns: 8rem 1fr; gap: .4rem 1rem; margin: .3rem 0; }
.ser-card dt { color: var(--body-text-color-subdued); }
.ser-card dd { margin: 0; overflow-wrap: anywhere; }
.ser-limits p { margin: 0 0 .6rem; }
.ser-foot { color: var(--body-text-color-subdued); font-size: .85rem; }
@media (max-width: 560px) {
  .ser-card { grid-template-columns: 1fr; gap: 0; }
  .ser-card dd { margin-bottom: .5rem; }
  .ser-bars li { grid-template-columns: 5.5rem 1fr 5.4rem; gap: .5rem; }
  #examples > .gallery { flex-wrap: nowrap; overflow-x: auto; contain: inline-size; }
  #examples > .gallery > button { flex: none; }
}
"""
)
FONTS = ("system-ui", "sans-serif")  # of the system: none is fetched
MONO = ("ui-monospace", "monospace")
