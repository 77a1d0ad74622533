"""Texts that are hard to cut into pieces of words, for the fixtures and for comparisons."""

TEXTS = [
    "", " ", "\t\n\r ", "Hello, World!", "hello world", "unaffable", "It's 3.14 o'clock -- isn't it?",
    "don't re-enter the e-mail: user@example.com", "$5 + 3^2 = 14; a_b ~c `d` |e| <f> {g}",
    # Accents: composed, decomposed, several on one letter, and letters that no accent makes.
    "caf\u00e9 na\u00efve \u00c5ngstr\u00f6m", "cafe\u0301 nai\u0308ve A\u030angstro\u0308m",
    "a\u0301\u0302\u0303b \u1ed8 \u1e69\u0323 Z\u0351\u036b\u0343alg\u033do", "\u0301 alone \u0301\u0301",
    "Stra\u00dfe \u00d8re \u0141\u00f3d\u017a \u0110\u00e0 N\u1eb5ng \u0130stanbul \u0131\u015f\u0131k",
    "\u01c5ungla \u01f0 \ufb01ne \u1e9e \u0149 \u1f88 \u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3 \u00b5m \u2126 \u212b \u212a",
    # Scripts.
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0419\u0451\u0436", "\u0393\u03b5\u03b9\u03ac \u03c3\u03bf\u03c5 \u039a\u03cc\u03c3\u03bc\u03b5",
    "\u4f60\u597d\u4e16\u754c", "\u6771\u4eac\u306b\u884c\u304f\u3002\u30ab\u30bf\u30ab\u30ca \u3072\u3089\u304c\u306a", "\u304c\u30d1 \u304b\u3099 \uff76\uff9e \uff21\uff22\uff23 \uff11",
    "abc\u4e2d\u6587def \u3400 \U00020000 \U0002a700 \U0002b740 \U0002b820 \U0002b920 \uf900 \U0002f800 \u9fff \u3007",
    "\uc548\ub155\ud558\uc138\uc694 \u1112\u1161\u11ab", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645\u061f \u0643\u064e\u062a\u064e\u0628\u064e", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd, \u05e2\u05d5\u05dc\u05dd\u05be\u05d9\u05e4\u05d4",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e\u0964", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01", "\u0baa\u0bca \u0d15\u0d4b \u09cb \u0b4b", "\u10d2\u10d0\u10db\u10d0\u10e0\u10ef\u10dd\u10d1\u10d0 \u10a0 \u1c90", "\u13a0\u13b3 \uab70",
    # Right to left, and marks that have no width.
    "\u202eabc\u202c \u200fdef\u200e \u2067ghi\u2069", "zero\u200bwidth no\u200cjoin\u200d er \ufeffmark so\u00adft \u2060word",
    # Emoji: single, with a skin, joined, a flag, a keycap, a variation.
    "I \u2764\ufe0f \U0001f600 you \U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea 1\ufe0f\u20e3 \u2603\ufe0e", "\U0001faf6 \U0001fae8 \U0001f9d1\u200d\U0001f680",
    # White space and control characters of all kinds.
    "a\u00a0b\u2003c\u3000d\u1680e\u2028f\u2029g\u0085h\u000bi\u000cj\u001ck\u001fl\u180em\u205fn",
    "nul\u0000l bell\u0007 esc\u001b[0m del\u007f repl\ufffdaced c1\u0080\u009f end", "tab\tline\nreturn\r\nend",
    "private \ue000\uf8ff \U000f0000 none \u0378 \uffff \U0001fffe \U0010ffff",
    # Punctuation, symbols and numbers beyond ASCII.
    "\u00abquoted\u00bb \u201clike\u201d \u2018this\u2019 \u2014 or\u2026 \u00a1so! \u00bfno? \u00a7 \u00b6 \u2020 \u2030", "\u20ac5 \u00a33 \u00a5 \u00b0C \u00b1 \u00d7 \u00f7 \u221e \u2260 \u2192 \u00ac \u00a9 \u2122",
    "x\u00b2 H\u2082O \u00bd \u2167 \u2460 \u0663 \u096b \u4e94", "\u3001\u3002\u300c\u300d\uff01\uff1f\uff08\uff09\uff0c\u30fb\uff5e \u2e3a \u2e5d \U00010100 \U0001e95e",
    "_under_score__ a\u203fb \uff3f", "#hashtag ##double ### C# \u266f", "www.example.org/path?q=1&r=%20#top",
    # Long words.
    "a" * 99, "a" * 100, "a" * 101, "b" * 300 + " short", "\u00e9" * 100 + " " + "\u00e9" * 101, "\u4e2d" * 120,
    "x" * 100 + "." + "y" * 101 + ".z", "\u1112\u1161\u11ab" * 34, "ab\u200b" * 60,
    # Marks that are written out, and what looks like them.
    "[CLS] a [SEP] b [MASK] c [PAD] [UNK]", "a[MASK]b [mask] [ MASK ] [[MASK]] [CLS][SEP] [MASK", "[UNK [SEP]] \u00e9[SEP]\u0301",
    "qqqqq zzxqj unknownable \u2603", "The quick brown fox jumps over the lazy dog. " * 12,
]
