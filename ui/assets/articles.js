// The Articles tab: search, table or timeline, removing.
const SEARCHED = ["Title", "Publisher", "Published", "Kind"].map((label) => `[data-label="${label}"]`).join();

// What an article says of itself; our own words beside it are not searched.
function searchable(row) {
	const cells = row.querySelectorAll(SEARCHED);
	const parts = cells.length ? [...cells] : [row, row.closest(".month")?.querySelector("h3")];
	return parts.map((part) => part?.textContent ?? "").join(" ").toLowerCase();
}

// The table is searched at once, the texts on the server a moment later: which articles hold what was typed.
let inTexts = { typed: "", ids: [] };
let asking = null;
async function askTexts(typed) {
	let ids = [];
	try {
		ids = await server.find_texts(typed);
	} catch {
		// The server does not answer; what the table itself holds is found all the same.
	}
	inTexts = { typed, ids };
	if (typed && document.querySelector("#shelf-search")?.value === typed) showFound(typed);
}

function searchShelf(typed) {
	clearTimeout(asking);
	if (typed.trim()) asking = setTimeout(askTexts, 150, typed);
	showFound(typed);
}

function showFound(typed) {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	const ids = inTexts.typed === typed ? inTexts.ids : [];
	document.querySelectorAll("#shelf [data-row]").forEach((row) => {
		const text = searchable(row);
		row.hidden = !words.every((w) => text.includes(w)) && !ids.includes(row.querySelector("[data-article]")?.dataset.article);
	});
	document.querySelectorAll("#shelf .month").forEach((month) => (month.hidden = !month.querySelector("[data-row]:not([hidden])")));
	const rows = document.querySelectorAll("#shelf tbody [data-row]");
	const shown = [...rows].filter((row) => !row.hidden).length;
	const nothing = document.querySelector("#shelf .nothing");
	if (nothing) nothing.hidden = shown > 0;
	const summary = document.querySelector("#shelf .summary");
	if (!summary) return;
	summary.dataset.all ??= summary.textContent;
	summary.textContent = words.length ? `${shown} of ${rows.length} ${rows.length === 1 ? "article" : "articles"}` : summary.dataset.all;
}

let shelfView = "table";
function showView(view) {
	shelfView = view;
	document.querySelectorAll("[data-view]").forEach((b) => {
		const pressed = String(b.dataset.view === view);
		if (b.getAttribute("aria-pressed") !== pressed) b.setAttribute("aria-pressed", pressed);
	});
	document.querySelectorAll("#shelf [data-shown]").forEach((part) => (part.hidden = part.dataset.shown !== view));
}

// The table is drawn anew after a rebuild; the view and the search stay.
let shelfDrawn = null;
function watchShelf() {
	const drawn = document.querySelector("#shelf tbody");
	if (!drawn || drawn === shelfDrawn) return;
	shelfDrawn = drawn;
	showView(shelfView);
	const typed = document.querySelector("#shelf-search")?.value;
	if (typed) searchShelf(typed);
}

// A rebuild that runs as the page opens is followed: begun on another page, in another process, or here before a reload.
let following = false;
function followRebuild() {
	const told = document.querySelector("#report [data-follow]") !== null;
	if (told && !following) trigger("follow_rebuild");
	following = told;
}
