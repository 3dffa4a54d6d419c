// What each button does, and what is seen to after each redrawing. Last, so that everything it names is there.
const ACTS = {
	copy: (button) => copy(button),
	reuse: (button) => fill(button.dataset.question),
	edit: (button) => editQuestion(turnOf(button)),
	retry: () => {
		beginRun();
		trigger("ask_again", heldTalk());
		box()?.focus();
	},
	up: (button) => say(turnOf(button), "up"),
	down: (button) => complain(turnOf(button), null),
	wrong: (button) => complain(turnOf(button), Number(button.dataset.cited)),
	save: (button) => savePack(button.dataset.format),
	talks: () => openTalks(),
	view: (button) => showView(button.dataset.view),
	remove: (button) => trigger("remove_article", { id: button.dataset.id }),
	unremove: (button) => trigger("unremove_article", { id: button.dataset.id }),
	"call-off": () => trigger("call_off"),
	new: () => beginTalk(),
	close: (button) => button.closest("dialog").close(),
	ask: (button) => askNow(button.dataset.question),
};

document.addEventListener("click", (event) => {
	for (const menu of document.querySelectorAll("details.menu[open]")) {
		if (!menu.contains(event.target)) menu.open = false;
	}
	if (event.target.matches?.("dialog")) event.target.close();
	if (event.target.closest("a.skip")) {
		event.preventDefault();
		document.querySelector("#ask-tab-button, #tabs [role=tab]")?.click();
		setTimeout(() => box()?.focus(), 0);
		return;
	}
	const button = event.target.closest("button");
	if (!button) return;
	const act = ACTS[button.dataset.act];
	if (act) act(button);
	else if (button.dataset.article) {
		open({ article: button.dataset.article, digest: button.dataset.digest, quotes: [], focus: null }, null);
	} else if (button.dataset.marker && button.closest(".turn")) openMarker(button);
	else if (button.closest("#stop")) setTimeout(() => box()?.focus(), 0);
	else if (button.closest("#stop-rebuild")) document.querySelector("#rebuild")?.focus();
});

document.addEventListener("keydown", (event) => {
	const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
	if (!menu) return;
	menu.open = false;
	menu.querySelector("summary").focus();
});

// "/" goes to the field of the tab, as on many pages; never where something is being typed.
document.addEventListener("keydown", (event) => {
	if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
	if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
	const field = [box(), document.querySelector("#shelf-search")].find((f) => f?.checkVisibility());
	if (!field) return;
	event.preventDefault();
	field.focus();
});

document.addEventListener("input", (event) => {
	if (event.target.id === "shelf-search") searchShelf(event.target.value);
});

// A new question comes to the top of the window once; the answer then grows below it without moving the page.
let turns = 0;
new MutationObserver(() => {
	noteWorking();
	takeRecord();
	takeBegun();
	drawIn();
	watchShelf();
	followRebuild();
	relight();
	const all = document.querySelectorAll("#talk .turn");
	if (all.length > turns) all[all.length - 1].scrollIntoView({ block: "start", behavior: behaviour() });
	turns = all.length;
}).observe(document.body, { childList: true, subtree: true });

resumeTalk();
