// The Articles tab: search, table or timeline, removing.
function searchShelf(typed) {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	let shown = 0;
	document.querySelectorAll("#shelf [data-row]").forEach((row) => {
		const text = row.textContent.toLowerCase();
		row.hidden = !words.every((w) => text.includes(w));
		shown += row.hidden ? 0 : 1;
	});
	document.querySelectorAll("#shelf .month").forEach((month) => (month.hidden = !month.querySelector("[data-row]:not([hidden])")));
	const nothing = document.querySelector("#shelf .nothing");
	if (nothing) nothing.hidden = shown > 0;
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
