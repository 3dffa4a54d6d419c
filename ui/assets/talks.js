// Conversations, kept in this browser: which there are, and the one on the page. The server holds none of them; each
// question goes out with the conversation that it follows.
const STORE = `launch-assistant ${location.pathname} ${document.title}`;
const MOST_TALKS = 100;
const talksDialog = element.querySelector("#talks");
let talk = newTalk();
let lastRecord = "";
// The key under which the question that is being answered went out.
let askedUnder = talk.key;
let madeRoom = "";

function randomKey() {
	return Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function newTalk() {
	return { key: randomKey(), rev: "", name: "", at: "", turns: [] };
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
	const gone = store.talks.splice(MOST_TALKS);
	for (;;) {
		try {
			localStorage.setItem(STORE, JSON.stringify(store));
			break;
		} catch {
			// Full: the oldest conversation makes room. With nothing left to give up, this one is not kept.
			if (store.talks.length < 2) break;
			gone.push(store.talks.pop());
		}
	}
	if (gone.length) madeRoom = `The oldest conversation made room: ${titleOf(gone.at(-1))}`;
	document.documentElement.classList.toggle("has-talks", store.talks.length > 0);
}

// Which conversation this tab shows; two tabs may show two.
function setCurrent(key) {
	try {
		sessionStorage.setItem(STORE, key);
	} catch {
		// Then a reload shows the one that was changed last.
	}
}

const sameTurn = (a, b) => a && b && a.question === b.question && a.answer?.text === b.answer?.text;

function keepTalk() {
	talk.at = new Date().toISOString();
	changeStore((store) => {
		const stored = store.talks.find((t) => t.key === talk.key);
		if (stored) talk.name = stored.name;
		let kept = talk;
		if (stored && stored.rev !== talk.rev && talk.turns.every((t, i) => sameTurn(t, stored.turns[i]))) {
			// Another tab went on with it; nothing here is new but what was said of an answer.
			kept = { ...stored, at: talk.at, turns: [...talk.turns, ...stored.turns.slice(talk.turns.length)] };
		} else {
			// Both tabs went on with it: from here on they are two.
			if (stored && stored.rev !== talk.rev) talk.key = randomKey();
			talk.rev = randomKey();
		}
		store.current = kept.key;
		store.talks = [kept, ...store.talks.filter((t) => t.key !== kept.key)];
	});
	setCurrent(talk.key);
}

const titleOf = (t) => t.name || String(t.turns[0]?.question ?? "");

// What goes out with a question.
function heldTalk() {
	askedUnder = talk.key;
	return { key: talk.key, turns: talk.turns };
}
// Gradio calls this by its name, from the event that asks.
window.launchHeldTalk = () => {
	beginRun();
	return JSON.stringify(heldTalk());
};

// The server's record of the exchange that has just ended.
function takeRecord() {
	const written = document.querySelector("#record data")?.dataset.turn ?? "";
	if (!written || written === lastRecord) return;
	lastRecord = written;
	const { key, number, turn } = JSON.parse(written);
	if (key !== askedUnder) return;
	talk.turns = [...talk.turns.slice(0, number - 1), turn];
	keepTalk();
	suggestNext(turn);
}

// A question is kept as soon as it is asked: a page that is closed before the answer shows it as stopped. One of the
// conversation that was just left still stands here until the server has drawn the new one; it belongs to the old one.
function takeBegun() {
	if (document.querySelector("#live")?.dataset.talk !== askedUnder) return;
	const turn = document.querySelector("#talk .turn.is-working");
	const question = turn?.querySelector(".question")?.textContent;
	if (!question || keptTurn(turn)?.question === question) return;
	const day = turn.querySelector(".as-of time")?.dateTime ?? null;
	const begun = { question, state: "stopped", as_of: day, problem: "", answer: null };
	talk.turns = [...talk.turns.slice(0, Number(turn.dataset.turn) - 1), begun];
	keepTalk();
}

function showTalk(chosen) {
	beginEnding();
	talk = { ...chosen, rev: chosen.rev ?? "" };
	setCurrent(chosen.key);
	closeForms();
	pin(null, []);
	turns = chosen.turns.length;
	openOnServer();
}

// Of two in quick turn the server may answer the first one last; what stands on the page then is asked for once more.
let lookAgain = null;
function openOnServer(tries = 3) {
	trigger("open_talk", heldTalk());
	clearTimeout(lookAgain);
	lookAgain = setTimeout(() => {
		const drawn = document.querySelector("#live")?.dataset.talk;
		if (tries > 1 && !running && drawn !== talk.key) openOnServer(tries - 1);
	}, 700);
}

function beginTalk() {
	showTalk(newTalk());
	box()?.focus();
}

// A conversation of before is shown again when the page opens.
function resumeTalk() {
	const store = readStore();
	document.documentElement.classList.toggle("has-talks", store.talks.length > 0);
	let here = null;
	try {
		here = sessionStorage.getItem(STORE);
	} catch {
		// As in a tab of its own.
	}
	const found = store.talks.find((t) => t.key === (here ?? store.current));
	if (found) showTalk(found);
}

function openTalks() {
	listTalks();
	document.querySelector("#talks-said").replaceChildren(madeRoom);
	madeRoom = "";
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
