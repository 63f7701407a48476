//! The value that is planted in one place, in all the forms it may take.

/// One unmistakable value a place: names that nobody has, numbers that nobody was given.
pub(crate) struct Token {
    seed: u64,
}

const CONSONANTS: &[u8] = b"bdfgklmnprtvz";
const VOWELS: &[u8] = b"aeiou";

/// Sixteen Hangul syllables with their bytes in KS X 1001.
const HANGUL: [(char, [u8; 2]); 16] = [
    ('가', [0xB0, 0xA1]),
    ('나', [0xB3, 0xAA]),
    ('다', [0xB4, 0xD9]),
    ('라', [0xB6, 0xF3]),
    ('마', [0xB8, 0xB6]),
    ('바', [0xB9, 0xD9]),
    ('사', [0xBB, 0xE7]),
    ('아', [0xBE, 0xC6]),
    ('자', [0xC0, 0xDA]),
    ('차', [0xC2, 0xF7]),
    ('카', [0xC4, 0xAB]),
    ('타', [0xC5, 0xB8]),
    ('파', [0xC6, 0xC4]),
    ('하', [0xC7, 0xCF]),
    ('고', [0xB0, 0xED]),
    ('노', [0xB3, 0xEB]),
];

/// Sixteen Chinese characters with their bytes in GB 18030.
const HAN: [(char, [u8; 2]); 16] = [
    ('王', [0xCD, 0xF5]),
    ('小', [0xD0, 0xA1]),
    ('东', [0xB6, 0xAB]),
    ('西', [0xCE, 0xF7]),
    ('南', [0xC4, 0xCF]),
    ('北', [0xB1, 0xB1]),
    ('山', [0xC9, 0xBD]),
    ('水', [0xCB, 0xAE]),
    ('火', [0xBB, 0xF0]),
    ('木', [0xC4, 0xBE]),
    ('金', [0xBD, 0xF0]),
    ('土', [0xCD, 0xC1]),
    ('天', [0xCC, 0xEC]),
    ('地', [0xB5, 0xD8]),
    ('人', [0xC8, 0xCB]),
    ('云', [0xD4, 0xC6]),
];

/// A word in a script of its own: its text, and its bytes in a character set that is not Unicode.
pub(crate) struct Scripted {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl Token {
    /// The token of a place, by the place's name.
    pub(crate) fn of(place: &str) -> Self {
        // FNV-1a.
        let seed = place
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        Self { seed }
    }

    /// The n-th number of the token's own sequence (SplitMix64).
    fn draw(&self, index: u64) -> u64 {
        let mut mixed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(index + 1));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn pick<T: Copy>(&self, index: u64, from: &[T]) -> T {
        from[usize::try_from(self.draw(index) % from.len() as u64).expect("less than the length")]
    }

    fn syllables(&self, first: u64, n_syllables: u64) -> String {
        let mut word: String = (first..first + n_syllables)
            .flat_map(|index| [self.pick(2 * index, CONSONANTS), self.pick(2 * index + 1, VOWELS)])
            .map(char::from)
            .collect();
        word[..1].make_ascii_uppercase();
        word
    }

    /// A family name of ten letters.
    pub(crate) fn family(&self) -> String {
        self.syllables(0, 5)
    }

    /// A given name of eight letters.
    pub(crate) fn given(&self) -> String {
        self.syllables(100, 4)
    }

    /// A name as attributes hold it.
    pub(crate) fn name(&self) -> String {
        format!("{}^{}", self.family(), self.given())
    }

    /// A name as texts hold it.
    pub(crate) fn spoken(&self) -> String {
        format!("{} {}", self.given(), self.family())
    }

    /// Nine digits.
    pub(crate) fn number(&self) -> String {
        format!("{}", 100_000_000 + self.draw(1000) % 900_000_000)
    }

    /// Year, month and day.
    pub(crate) fn date(&self) -> (u64, u64, u64) {
        (1921 + self.draw(1001) % 70, 1 + self.draw(1002) % 12, 13 + self.draw(1003) % 16)
    }

    /// A date as attributes hold it.
    pub(crate) fn dicom_date(&self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}{month:02}{day:02}")
    }

    /// A UID of its own.
    pub(crate) fn uid(&self) -> String {
        format!("1.2.826.0.1.3680043.{}.{}", self.number(), self.draw(1004) % 1_000_000)
    }

    /// Latin letters with marks, in ISO 8859-1.
    pub(crate) fn latin(&self) -> Scripted {
        let text: String = self.family().chars().map(|letter| Self::marked(letter).unwrap_or(letter)).collect();
        let bytes = text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1")).collect();
        Scripted { text, bytes }
    }

    fn marked(letter: char) -> Option<char> {
        Some(match letter {
            'a' => 'ä',
            'e' => 'é',
            'i' => 'ï',
            'o' => 'ø',
            'u' => 'û',
            _ => return None,
        })
    }

    /// Cyrillic letters, in ISO 8859-5.
    pub(crate) fn cyrillic(&self) -> Scripted {
        self.by_letter(|index| (char::from_u32(0x0430 + index).expect("Cyrillic"), vec![0xD0 + index as u8]))
    }

    /// Greek letters, in ISO 8859-7.
    pub(crate) fn greek(&self) -> Scripted {
        // Seventeen letters lie before the final sigma.
        self.by_letter(|index| (char::from_u32(0x03B1 + index % 17).expect("Greek"), vec![0xE1 + (index % 17) as u8]))
    }

    /// Hebrew letters, in ISO 8859-8.
    pub(crate) fn hebrew(&self) -> Scripted {
        self.by_letter(|index| (char::from_u32(0x05D0 + index % 27).expect("Hebrew"), vec![0xE0 + (index % 27) as u8]))
    }

    /// Arabic letters, in ISO 8859-6.
    pub(crate) fn arabic(&self) -> Scripted {
        self.by_letter(|index| (char::from_u32(0x0627 + index % 20).expect("Arabic"), vec![0xC7 + (index % 20) as u8]))
    }

    /// Thai consonants, in TIS 620.
    pub(crate) fn thai(&self) -> Scripted {
        self.by_letter(|index| (char::from_u32(0x0E01 + index).expect("Thai"), vec![0xA1 + index as u8]))
    }

    /// Katakana, in JIS X 0208 without escape sequences.
    pub(crate) fn katakana(&self) -> Scripted {
        self.by_letter(|index| {
            (char::from_u32(0x30A1 + 2 * index).expect("Katakana"), vec![0x25, 0x21 + 2 * index as u8])
        })
    }

    /// Katakana of half width, in JIS X 0201.
    pub(crate) fn half_katakana(&self) -> Scripted {
        self.by_letter(|index| (char::from_u32(0xFF71 + index).expect("Katakana"), vec![0xB1 + index as u8]))
    }

    /// Hangul, in KS X 1001 without escape sequences.
    pub(crate) fn hangul(&self) -> Scripted {
        self.by_letter(|index| {
            let (letter, bytes) = HANGUL[index as usize % HANGUL.len()];
            (letter, bytes.to_vec())
        })
    }

    /// Chinese characters, in GB 18030.
    pub(crate) fn han(&self) -> Scripted {
        self.by_letter(|index| {
            let (letter, bytes) = HAN[index as usize % HAN.len()];
            (letter, bytes.to_vec())
        })
    }

    fn by_letter(&self, letter: impl Fn(u32) -> (char, Vec<u8>)) -> Scripted {
        let mut scripted = Scripted { text: String::new(), bytes: Vec::new() };
        for byte in self.family().to_ascii_lowercase().bytes() {
            let (text, bytes) = letter(u32::from(byte - b'a'));
            scripted.text.push(text);
            scripted.bytes.extend(bytes);
        }
        scripted
    }

    /// Every form that may not stand in any byte of any output; ASCII letters stand for both cases.
    pub(crate) fn forms(&self) -> Vec<Vec<u8>> {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        for word in [self.family(), self.given(), self.number(), self.dicom_date()] {
            let bytes = word.as_bytes();
            forms.push(bytes.to_vec());
            forms.push(bytes.iter().flat_map(|&byte| [byte, 0]).collect());
            forms.push(bytes.iter().flat_map(|&byte| [0, byte]).collect());
            // Words of two bytes, written in the other byte order.
            forms.push(bytes.chunks_exact(2).flat_map(|pair| [pair[1], pair[0]]).collect());
            forms.push(bytes.iter().flat_map(|&byte| [byte, 0, 0, 0]).collect());
            forms.push(spelled(&word).into_bytes());
        }
        let (year, month, day) = self.date();
        forms.extend(
            [
                format!("{year}-{month:02}-{day:02}"),
                format!("{day:02}.{month:02}.{year}"),
                format!("{month:02}/{day:02}/{year}"),
                format!("{day} {} {year}", MONTHS[month as usize - 1]),
                format!("{} {day}, {year}", MONTHS[month as usize - 1]),
                format!("{day}-{}-{year}", &MONTHS[month as usize - 1][..3]),
            ]
            .map(String::into_bytes),
        );
        let scripted = [
            self.latin(),
            self.cyrillic(),
            self.greek(),
            self.hebrew(),
            self.arabic(),
            self.thai(),
            self.katakana(),
            self.half_katakana(),
            self.hangul(),
            self.han(),
        ];
        for scripted in scripted {
            forms.push(scripted.text.into_bytes());
            forms.push(scripted.bytes);
        }
        forms
    }
}

/// English months.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A word as numbers: the codes of its characters, separated as values are.
pub(crate) fn spelled(word: &str) -> String {
    word.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join("\\")
}
