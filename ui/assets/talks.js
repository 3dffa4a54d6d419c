// Conversations, kept in this browser: which there are, and the one on the page.
const STORE = "launch-assistant";
const MOST_TALKS = 100;
const talksDialog = element.querySelector("#talks");
let talk = newTalk();
let lastRecord = "";
// The conversation that the server has no name for, because it began there and was not brought from here.
let unnamed = talk.key;

function newTalk() {
	const key = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
	return { key, name: "", at: "", turns: [] };
}

function readStore() {
	try {
		const store = JSON.parse(localStorage.getItem(STORE));
		if (store && Array.isArray(store.talks)) {
			const whole = store.talks.filter((t) => t && typeof t.key === "string" && Array.isArray(t.turns) && t.turns.length);
			return { current: String(store.current ?? ""), talks: whole };
		}
	} catch {
		// A store that cannot be read, or none allowed: begin anew.
	}
	return { current: "", talks: [] };
}

// Each change starts from what is stored now: another tab may have changed other conversations.
function changeStore(change) {
	const store = readStore();
	change(store);
	store.talks = store.talks.slice(0, MOST_TALKS);
	for (;;) {
		try {
			localStorage.setItem(STORE, JSON.stringify(store));
			break;
		} catch {
			// Full: the oldest conversation makes room. With nothing left to give up, this one is not kept.
			if (store.talks.length < 2) break;
			store.talks.pop();
		}
	}
	document.documentElement.classList.toggle("has-talks", store.talks.length > 0);
}

function keepTalk() {
	talk.at = new Date().toISOString();
	changeStore((store) => {
		store.current = talk.key;
		store.talks = [talk, ...store.talks.filter((t) => t.key !== talk.key)];
	});
}

const titleOf = (t) => t.name || String(t.turns[0]?.question ?? "");

// The server's record of the exchange that has just ended.
function takeRecord() {
	const written = document.querySelector("#record data")?.dataset.turn ?? "";
	if (!written || written === lastRecord) return;
	lastRecord = written;
	const { key, number, turn } = JSON.parse(written);
	if (key && key !== talk.key) return;
	if (!key && unnamed !== talk.key && number === 1) {
		// The server has lost this conversation, as after a restart: what follows is another one, and this one stays.
		talk = newTalk();
		unnamed = talk.key;
	}
	talk.turns = [...talk.turns.slice(0, number - 1), turn];
	keepTalk();
	suggestNext(turn);
}

function showTalk(chosen) {
	talk = chosen;
	changeStore((store) => (store.current = chosen.key));
	turns = chosen.turns.length;
	trigger("open_talk", { key: chosen.key, turns: chosen.turns });
}

function beginTalk() {
	showTalk(newTalk());
	box()?.focus();
}

// A conversation of before is shown again when the page opens.
function resumeTalk() {
	const store = readStore();
	document.documentElement.classList.toggle("has-talks", store.talks.length > 0);
	const found = store.talks.find((t) => t.key === store.current);
	if (found) showTalk(found);
}

function openTalks() {
	listTalks();
	document.querySelector("#talks-said").replaceChildren();
	talksDialog.showModal();
}

function listTalks() {
	const list = talksDialog.querySelector("#talks-list");
	list.replaceChildren(...readStore().talks.map(talkRow));
	if (!list.children.length) list.append(make("li", { class: "soft" }, "No conversation is kept here yet."));
}

function talkRow(kept) {
	const title = titleOf(kept);
	const count = kept.turns.length === 1 ? "1 question" : `${kept.turns.length} questions`;
	const day = new Date(kept.at).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
	const name = make("span", { class: "name", dir: "auto" }, title);
	const open = make("button", { type: "button", class: "open-talk" }, name, make("span", { class: "soft" }, `${day}, ${count}`));
	if (kept.key === talk.key) open.setAttribute("aria-current", "true");
	open.addEventListener("click", () => {
		talksDialog.close();
		showTalk(kept);
		box()?.focus();
	});
	const rename = make("button", { type: "button", "aria-label": `Rename ${title}` }, "Rename");
	const remove = make("button", { type: "button", "aria-label": `Delete ${title}` }, "Delete");
	const row = make("li", { class: "talk-row" }, open, make("div", { class: "row-tools" }, rename, remove));
	rename.addEventListener("click", () => renameTalk(kept, row));
	remove.addEventListener("click", () => deleteTalk(kept));
	return row;
}

function renameTalk(kept, row) {
	const field = make("input", { type: "text", value: titleOf(kept), maxLength: 200, "aria-label": "Name of the conversation", dir: "auto" });
	const form = make("form", { class: "rename" }, field, make("button", { type: "submit" }, "Keep"));
	const done = () => {
		listTalks();
		talksDialog.querySelector("#talks-list button")?.focus();
	};
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const name = field.value.trim();
		changeStore((store) => store.talks.filter((t) => t.key === kept.key).forEach((t) => (t.name = name)));
		if (kept.key === talk.key) talk.name = name;
		done();
	});
	field.addEventListener("keydown", (event) => {
		if (event.key !== "Escape") return;
		// Leaves the field, not the dialog.
		event.preventDefault();
		done();
	});
	row.replaceChildren(form);
	field.select();
}

function deleteTalk(kept) {
	const place = readStore().talks.findIndex((t) => t.key === kept.key);
	changeStore((store) => (store.talks = store.talks.filter((t) => t.key !== kept.key)));
	const wasShown = kept.key === talk.key;
	if (wasShown) showTalk(newTalk());
	const undo = make("button", { type: "button" }, "Undo");
	undo.addEventListener("click", () => {
		changeStore((store) => store.talks.splice(Math.max(place, 0), 0, kept));
		if (wasShown) showTalk(kept);
		listTalks();
		talksDialog.querySelector("#talks-said").replaceChildren(`Brought back.`);
		talksDialog.querySelector("#talks-list button")?.focus();
	});
	listTalks();
	talksDialog.querySelector("#talks-said").replaceChildren("Deleted. ", undo);
	undo.focus();
}
