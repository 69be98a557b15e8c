// What the pages do better with a script; all of it works without. Written for old phones' browsers.
(function () {
	'use strict';
	var d = document, pending = [], busy = 0;
	function one(s, r) { return (r || d).querySelector(s); }
	function all(s, r) { return Array.prototype.slice.call((r || d).querySelectorAll(s)); }
	function make(tag, text, into) { var e = d.createElement(tag); if (text) e.textContent = text; if (into) into.appendChild(e); return e; }

	// --- little things
	function words() {
		var text = one('form#report #text'), live = one('#live');
		if (!text || !live) return;
		text.addEventListener('input', function () {
			var v = text.value.replace(/[\s-]/g, ''), said = '';
			if (/(^|\D)1[3-9]\d{9}(\D|$)/.test(v)) said = live.getAttribute('data-phone');
			if (/(^|\D)[1-9]\d{16}[\dXx](\D|$)/.test(v)) said = live.getAttribute('data-id');
			if (live.textContent !== said) live.textContent = said;
			live.hidden = !said;
		});
	}
	function buttons() {
		all('[data-print]').forEach(function (b) { b.hidden = false; b.onclick = function () { window.print(); }; });
		all('[data-copy]').forEach(function (b) {
			b.hidden = false;
			b.onclick = function () {
				var range = d.createRange(), chosen = window.getSelection();
				range.selectNodeContents(one(b.getAttribute('data-copy')));
				chosen.removeAllRanges(); chosen.addRange(range);
				try { if (d.execCommand('copy')) b.textContent = b.getAttribute('data-done'); } catch (e) { /* it stays selected */ }
			};
		});
		all('a[data-leave]').forEach(function (a) {
			a.onclick = function (e) { e.preventDefault(); if (window.speechSynthesis) window.speechSynthesis.cancel(); d.body.textContent = ''; location.replace(a.href); };
		});
	}

	// --- the first page read aloud by the phone itself, where the office has recorded nothing. A voice that
	// lives elsewhere would tell somebody what is read, so only one of this phone counts.
	function aloud() {
		var box = one('[data-read]'), speech = window.speechSynthesis, voice = null;
		if (!box || !speech || !window.SpeechSynthesisUtterance) return;
		var button = one('button', box), tag = d.documentElement.lang.toLowerCase();
		function find() {
			var all = speech.getVoices();
			for (var i = 0; i < all.length && !voice; i++) {
				var lang = all[i].lang.toLowerCase().replace('_', '-');
				if (all[i].localService && (lang === tag || lang.indexOf(tag + '-') === 0)) voice = all[i];
			}
			box.hidden = !voice;
		}
		function quiet() { speech.cancel(); button.setAttribute('aria-pressed', 'false'); }
		button.onclick = function () {
			if (button.getAttribute('aria-pressed') === 'true') return quiet();
			button.setAttribute('aria-pressed', 'true');
			var said = all('main h1, main h2, main h3, main p, main li').filter(function (e) { return e.offsetHeight && !e.querySelector('p, li, button, a.button') && !box.contains(e); });
			said.forEach(function (e, i) { // a piece at a time: engines cut long ones off
				var u = new SpeechSynthesisUtterance(e.textContent.trim());
				u.voice = voice; u.lang = voice.lang;
				if (i === said.length - 1) u.onend = quiet;
				speech.speak(u);
			});
		};
		speech.onvoiceschanged = find;
		window.addEventListener('pagehide', quiet);
		find();
	}

	// --- photos
	function token() {
		var a = new Uint8Array(32), s = '';
		(window.crypto || window.msCrypto).getRandomValues(a);
		for (var i = 0; i < a.length; i++) s += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(a[i] & 31);
		return s;
	}
	// A photo is drawn anew, 1600 px at most, where the browser turns it the right way up; else it goes as it is.
	function shrunk(file, done) {
		var wish = one('#shrink');
		if (!wish || !wish.checked || !/^image\/(jpeg|png|webp|hei[cf])$/.test(file.type) || file.size < 200000 || !window.createImageBitmap ||
			!HTMLCanvasElement.prototype.toBlob || !(window.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image'))) return done(file);
		createImageBitmap(file).then(function (b) {
			var k = Math.min(1, 1600 / Math.max(b.width, b.height)), c = d.createElement('canvas');
			c.width = Math.round(b.width * k); c.height = Math.round(b.height * k);
			c.getContext('2d').drawImage(b, 0, 0, c.width, c.height);
			c.toBlob(function (small) { done(small && small.size < file.size ? small : file); }, 'image/jpeg', 0.82);
		}).catch(function () { done(file); });
	}
	function size(n) { return n < 1e6 ? Math.ceil(n / 1000) + ' KB' : (n / 1e6).toFixed(1) + ' MB'; }
	function queue(form, files) {
		var list = one('.queue', form), where = one('[data-upload]').getAttribute('data-upload');
		var code = form.getAttribute('data-receipt'), waiting = [], running = false;
		function say(key) { return list.getAttribute('data-' + key) || ''; }
		function add(file) {
			var li = make('li', '', list), job = { file: file, token: token(), tries: 0 };
			job.name = make('strong', say('photo') + ' ' + list.children.length + ' · ' + size(file.size), li);
			job.bar = make('progress', '', li); job.bar.max = 100; job.bar.value = 0;
			job.bar.setAttribute('aria-label', job.name.textContent);
			job.note = make('span', say('waiting'), li); job.li = li;
			waiting.push(job); busy++;
		}
		function next() {
			if (running || !waiting.length) return;
			running = true;
			var job = waiting.shift();
			if (job.body) send(job); else shrunk(job.file, function (body) { job.body = body; send(job); });
		}
		function end(job, text, good, over) {
			running = false; busy--; job.note.textContent = text;
			job.li.className = good ? 'good' : 'bad'; job.bar.hidden = true;
			if (!good && !over) {
				var again = make('button', say('again'), job.li);
				again.type = 'button'; again.className = 'button quiet small';
				again.onclick = function () { job.li.removeChild(again); job.bar.hidden = false; job.li.className = ''; job.tries = 0; busy++; waiting.push(job); next(); };
			}
			next();
		}
		function send(job) {
			if (job.body.size > +say('most') * 1048576) return end(job, say('large'), false, true); // it would travel for nothing
			var x = new XMLHttpRequest(), f = new FormData();
			f.append('receipt', code); f.append('token', job.token); f.append('lang', d.documentElement.lang);
			f.append('files', job.body, job.body === job.file ? job.file.name : 'photo.jpg');
			job.note.textContent = say('sending'); job.tries++;
			x.open('POST', where);
			x.upload.onprogress = function (e) { if (e.lengthComputable) { job.bar.value = Math.round(100 * e.loaded / e.total); job.note.textContent = say('sending') + ' ' + job.bar.value + '%'; } };
			x.onload = function () {
				var got = {};
				try { got = JSON.parse(x.responseText); } catch (e) { /* an answer of a machine in between */ }
				if (x.status === 201) { var kept = got.files && got.files[0]; return end(job, became(kept), !kept || kept.size > 0, true); }
				if (x.status === 408 || x.status === 429 || x.status >= 500) return retry(job, +x.getResponseHeader('Retry-After'));
				var why = got.errors && Object.keys(got.errors)[0];
				end(job, why ? got.errors[why] : got.detail || got.title || say('failed'), false, !!why); // what is refused would be refused again
			};
			x.onerror = x.onabort = function () { retry(job, 0); };
			x.send(f);
		}
		function became(file) {
			if (file && file.size === 0) return say('empty');
			if (!file || !file.clean) return say('sealed');
			return file.removed ? say('removed').replace('%', file.removed.map(say).join(say('join'))) : say('done');
		}
		function retry(job, wait) {
			if (job.tries >= 6) return end(job, say('failed'), false);
			job.note.textContent = say('retry');
			setTimeout(function () { send(job); }, 1000 * Math.min(60, wait || Math.pow(2, job.tries)));
		}
		files.forEach(add);
		next();
	}
	function chosen(input) {
		var files = Array.prototype.slice.call(input.files || []), form = input.form;
		var voice = one('.voice', form), shrink = one('.shrink', form);
		if (voice) voice.hidden = !files.some(function (f) { return /^(audio|video)\//.test(f.type) || /\.(amr|m4a|mp3|wav|ogg)$/i.test(f.name); });
		if (shrink) shrink.hidden = !files.some(function (f) { return /^image\//.test(f.type); });
		where(form, files);
		return files;
	}
	function uploads() {
		all('form.upload').forEach(function (form) {
			var input = one('input[type=file]', form), go = one('button[type=submit]', form);
			go.hidden = true; // what is chosen is on its way
			input.addEventListener('change', function () { var files = chosen(input); input.value = ''; queue(form, files); });
			form.addEventListener('submit', function (e) { e.preventDefault(); });
		});
	}

	// --- the place in a photo (Exif 2.3, 4.6.6)
	function where(form, files) {
		var note = one('.gps', form), lat = one('#lat', form);
		if (!note || !lat) return;
		note.hidden = true;
		files.forEach(function (file) {
			if (file.type !== 'image/jpeg' || !window.FileReader) return;
			var r = new FileReader();
			r.onload = function () {
				var at = null;
				try { at = gps(new DataView(r.result)); } catch (e) { /* cut short */ }
				if (!at) return;
				note.hidden = false;
				one('button', note).onclick = function () {
					lat.value = at[0].toFixed(6); one('#lon', form).value = at[1].toFixed(6); one('#datum', form).value = 'wgs84';
					lat.parentNode.parentNode.open = true; note.hidden = true; lat.focus();
				};
			};
			r.readAsArrayBuffer(file.slice(0, 131072));
		});
	}
	function gps(v) {
		for (var at = 2; v.getUint8(at) === 255; at += 2 + v.getUint16(at + 2)) {
			if (v.getUint8(at + 1) !== 225 || v.getUint32(at + 4) !== 0x45786966) continue;
			var base = at + 10, little = v.getUint16(base) === 0x4949;
			var u16 = function (o) { return v.getUint16(base + o, little); }, u32 = function (o) { return v.getUint32(base + o, little); };
			var find = function (dir, tag) {
				for (var i = 0; i < u16(dir); i++) if (u16(dir + 2 + 12 * i) === tag) return dir + 2 + 12 * i + 8;
				return 0;
			};
			var degrees = function (dir, tag, ref, minus) {
				var p = find(dir, tag), n = find(dir, ref), sum = 0;
				if (!p || !n) return NaN;
				for (var i = 0, o = u32(p); i < 3; i++) sum += u32(o + 8 * i) / u32(o + 8 * i + 4) / Math.pow(60, i);
				return v.getUint8(base + n) === minus ? -sum : sum;
			};
			var ifd = find(u32(4), 0x8825);
			if (!ifd) return null;
			var y = degrees(u32(ifd), 2, 1, 83), x = degrees(u32(ifd), 4, 3, 87);
			return isFinite(y) && isFinite(x) && (y || x) ? [y, x] : null;
		}
		return null;
	}

	// --- words stay on the page until the answer is there: a browser that loses the signal on its way would have neither.
	// And they go first: the receipt comes before the photos travel.
	function sends(form) {
		var input = one('input[type=file]', form), pressed = null;
		var buttons = Array.prototype.filter.call(form.elements, function (e) { return e.type === 'submit' && !e.disabled; }); // the languages' too, which stand in the header
		if (input) input.addEventListener('change', function () { pending = chosen(input); });
		if (input && pending.length) { var list = one('.queue', form); pending.forEach(function (f, i) { make('li', list.getAttribute('data-photo') + ' ' + (i + 1) + ' · ' + size(f.size), list); }); }
		buttons.forEach(function (b) {
			b.addEventListener('click', function () {
				pressed = b;
				if (pending.length && b.className === 'lang') { var i = make('input', '', form); i.type = 'hidden'; i.name = 'files'; i.value = '1'; } // that there were some
			});
		});
		// A phone's Enter, in a field of one line, goes on to the next: a report isn't sent half filled in.
		form.addEventListener('keypress', function (e) {
			if (e.keyCode !== 13 || e.target.type !== 'text') return;
			e.preventDefault();
			var fields = Array.prototype.filter.call(form.elements, function (i) { return i.offsetHeight && i.form === form && form.contains(i); });
			fields[fields.indexOf(e.target) + 1].focus();
		});
		form.addEventListener('submit', function (e) {
			if (pressed && pressed.name) return;
			e.preventDefault();
			var f = new FormData(), x = new XMLHttpRequest(), last = buttons[buttons.length - 1];
			all('input, select, textarea', form).forEach(function (i) {
				if (i.name && i.type !== 'file' && (i.checked || i.type !== 'checkbox' && i.type !== 'radio')) f.append(i.name, i.value);
			});
			function off(v) { buttons.forEach(function (b) { b.disabled = v; }); }
			function lost() {
				off(false);
				var p = one('.lost', form) || make('p', '', form);
				p.className = 'reason lost'; p.textContent = ''; p.setAttribute('role', 'alert');
				form.insertBefore(p, last.parentNode);
				p.textContent = one('.queue').getAttribute('data-lost');
				p.scrollIntoView();
			}
			off(true);
			x.open('POST', form.action);
			x.timeout = 120000;
			x.onload = function () {
				var page = new DOMParser().parseFromString(x.responseText, 'text/html');
				if (!one('main', page)) return lost();
				var going = busy > 0 && one('form.upload .queue');
				d.title = page.title;
				['header', 'main'].forEach(function (part) { one(part).innerHTML = one(part, page).innerHTML; });
				start();
				var to = one('#filed-title') || one('#summary') || one('#hints') || one('.note.good');
				if (to) { to.setAttribute('tabindex', '-1'); to.focus(); } else window.scrollTo(0, 0);
				if (one('#filed')) { history.pushState(null, ''); d.documentElement.className = 'once'; } // neither one step back nor a pull at the page loses the receipt
				var up = one('form.upload');
				if (up && going) one('.queue', up).parentNode.replaceChild(going, one('.queue', up)); // what is on its way is still seen
				if (up) { var files = pending; pending = []; queue(up, files); }
			};
			x.onerror = x.ontimeout = lost;
			x.send(f);
		});
	}
	function report() {
		if (window.FormData && window.DOMParser) all('form#report, form#add').forEach(sends);
	}

	// --- work under pressure: SHA-256 (FIPS 180-4), since crypto.subtle isn't everywhere
	var K = [], H0 = [];
	(function () {
		function frac(x) { return ((x - Math.floor(x)) * 4294967296) | 0; }
		for (var n = 2; K.length < 64; n++) {
			for (var p = true, i = 2; i * i <= n; i++) if (n % i === 0) { p = false; break; }
			if (p) { if (H0.length < 8) H0.push(frac(Math.pow(n, 1 / 2))); K.push(frac(Math.pow(n, 1 / 3))); }
		}
	})();
	function sha(text) { // ASCII, two blocks at most
		var n = text.length, blocks = n > 55 ? (n > 119 ? 3 : 2) : 1, w = new Array(64), m = new Array(16 * blocks), h = H0.slice(), i;
		for (i = 0; i < m.length; i++) m[i] = 0;
		for (i = 0; i < n; i++) m[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
		m[n >> 2] |= 128 << (24 - 8 * (n & 3)); m[m.length - 1] = 8 * n;
		for (var o = 0; o < m.length; o += 16) {
			var a = h[0], b = h[1], c = h[2], e4 = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
			for (i = 0; i < 64; i++) {
				if (i < 16) w[i] = m[o + i]; else {
					var x = w[i - 15], y = w[i - 2];
					w[i] = (w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)) | 0;
				}
				var t1 = (k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i]) | 0;
				var t2 = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c)) | 0;
				k = g; g = f; f = e; e = (e4 + t1) | 0; e4 = c; c = b; b = a; a = (t1 + t2) | 0;
			}
			h[0] = (h[0] + a) | 0; h[1] = (h[1] + b) | 0; h[2] = (h[2] + c) | 0; h[3] = (h[3] + e4) | 0;
			h[4] = (h[4] + e) | 0; h[5] = (h[5] + f) | 0; h[6] = (h[6] + g) | 0; h[7] = (h[7] + k) | 0;
		}
		return h;
	}
	function work() {
		var form = one('form#report[data-work]');
		if (!form) return;
		var task = form.getAttribute('data-work'), bits = +task.split('.')[1], n = 0, note = one('#busy');
		(function some() {
			for (var end = Date.now() + 60; Date.now() < end;) {
				if (sha(task + '.' + n)[0] >>> (32 - bits) === 0) {
					var i = make('input', '', form); i.type = 'hidden'; i.name = 'solved'; i.value = n;
					if (note) note.hidden = true;
					return;
				}
				n++;
			}
			setTimeout(some, 20);
		})();
	}

	function start() { words(); buttons(); aloud(); uploads(); report(); work(); }
	window.addEventListener('beforeunload', function (e) { if (busy > 0) { e.preventDefault(); e.returnValue = ''; } });
	start();
})();
