package configs

// Pack is everything that belongs to one campaign and one office: what may be reported, where, who
// deals with it, by when, and the texts that explain it. It is data; another office brings another.
type Pack struct {
	ID          string
	Office      Office // defaults for Config.Office: cfg.Office.Or(pack.Office)
	Desks       []Desk
	DeskRules   []DeskRule
	Categories  []Category
	Conduct     []Conduct
	Sources     []Source
	Departments []Department
	Rules       Rules
	Reasons     []Reason
	Answers     []Answer
	Elsewhere   []Elsewhere
	Profiles    []Profile
	Phases      []Phase
	Calendar    []CalendarYear
	Places      []Place
	Documents   []Document
}

// Desk is one place that receives and works on tips.
type Desk struct {
	ID      string `yaml:"id"`
	Name    Text   `yaml:"name"`
	Place   string `yaml:"place"`   // code of the place it answers for; the default of a tip without one
	Profile string `yaml:"profile"` // id of the deadline profile

	Department string `yaml:"department"` // what another desk's ledger calls it; empty: nothing
}

// DeskRule applies when every condition it states holds; a list holds when the tip has one of it.
type DeskRule struct {
	Concerns bool     `yaml:"concerns"` // the reporter says that it concerns this office
	Subject  []string `yaml:"subject"`  // words of the field that says who is reported
	Category []string `yaml:"category"`
	Place    []string `yaml:"place"` // these codes and what lies below them
	Desk     []string `yaml:"desk"`  // the first of them that works takes the tip
}

// Category is what kind of misuse is reported.
type Category struct {
	Code       string `yaml:"code"`
	Label      Text   `yaml:"label"`
	Definition Text   `yaml:"definition"` // one line
	Icon       string `yaml:"icon"`       // name of a drawing the pages know
	Department string `yaml:"department"` // who deals with it when no rule says otherwise; empty: Rules.Default
}

// Conduct is in what way the law was passed by; a tip may name several.
type Conduct struct {
	Code       string `yaml:"code"`
	Label      Text   `yaml:"label"`
	Definition Text   `yaml:"definition"`
}

// Source is where a clue comes from (线索来源).
type Source struct {
	Code  string `yaml:"code"`
	Label Text   `yaml:"label"`
}

// Department deals with tips.
type Department struct {
	Code  string `yaml:"code"`
	Label Text   `yaml:"label"`
	Full  Text   `yaml:"full"` // its name in a letter
}

// Rules say which department deals with a tip.
type Rules struct {
	Default string `yaml:"default"` // department of last resort
	Rules   []Rule `yaml:"rules"`
}

// Rule applies when every condition it states holds; a list holds when the tip has one of it.
type Rule struct {
	Category   []string `yaml:"category"`
	Conduct    []string `yaml:"conduct"`
	Source     []string `yaml:"source"`
	Urgent     bool     `yaml:"urgent"`     // true: urgent tips only
	Department string   `yaml:"department"` // takes it over; the first rule that names one wins
	Also       []string `yaml:"also"`       // is told of it too
}

// Reason is why a tip is not taken up.
type Reason struct {
	Code      string   `yaml:"code"`
	Label     Text     `yaml:"label"`
	Letter    Text     `yaml:"letter"`    // what the reporter is told; never the report's content
	Elsewhere []string `yaml:"elsewhere"` // codes of the proper channels to name with it
}

// Answer is a text a handler may begin an answer with.
type Answer struct {
	Code   string   `yaml:"code"`
	States []string `yaml:"states"` // of the tip it fits; empty: every state
	Label  Text     `yaml:"label"`
	Text   Text     `yaml:"text"` // what the reporter is told; never the report's content
}

// Elsewhere is a matter that is not for this office, and where it goes.
type Elsewhere struct {
	Code   string `yaml:"code"`
	Matter Text   `yaml:"matter"`
	Where  Text   `yaml:"where"`
	Phone  string `yaml:"phone"` // empty when it is a local one
}

// Profile is a set of deadlines.
type Profile struct {
	ID        string    `yaml:"id"`
	Label     Text      `yaml:"label"`
	Basis     Text      `yaml:"basis"` // the rule it follows, or that it is the office's own promise
	Law       bool      `yaml:"law"`   // false: an own promise, to be shown as such
	Local     bool      `yaml:"local"` // the numbers are set locally: no steps until an office fills them in
	Steps     []Step    `yaml:"steps"`
	Extension Extension `yaml:"extension"`
	Pause     Wait      `yaml:"pause"` // how long the clock stands still for the reporter's answer; zero: it doesn't
}

// Wait is a number of days.
type Wait struct {
	Days    int  `yaml:"days"`
	Working bool `yaml:"working"`
}

// Step is one deadline: so many days or months after a moment.
type Step struct {
	Kind    string `yaml:"kind"` // acknowledgement, acceptance, transfer, conclusion, feedback, review, second_review, filing, decision
	From    string `yaml:"from"` // received, acknowledged, accepted, concluded, requested (a review is asked for), verified, filed
	Days    int    `yaml:"days"`
	Months  int    `yaml:"months"`
	Working bool   `yaml:"working"` // days are working days
}

// Extension is by how much a conclusion may be put off, and who approves it. Zero days and months: the
// approver names the date.
type Extension struct {
	Days     int    `yaml:"days"`
	Working  bool   `yaml:"working"` // days are working days
	Months   int    `yaml:"months"`  // the whole, extension included
	Role     string `yaml:"role"`    // whose holder approves it here, and never the asker; empty: nothing is put off
	Approver Text   `yaml:"approver"`
}

// Phase is a stretch of the campaign, both days included, written 2006-01-02.
type Phase struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
	From  string `yaml:"from"`
	Until string `yaml:"until"`
}

// Place is one administrative place.
type Place struct {
	Code      string // GB/T 2260, then three digits a township and three a village
	Parent    string // empty at the root
	Level     string // county, township, village, group
	Name      Text
	ValidFrom string // 2006-01-02, empty: unknown or always
	ValidTo   string // the last day; empty: still valid
	Verified  bool   // checked against the official list
	Lat, Lon  string // WGS-84 degrees of its middle, for the desk's map; empty: the map lays it out
}

// Document is one page of text.
type Document struct {
	ID       string    `yaml:"id"`
	Title    Text      `yaml:"title"`
	Lead     Text      `yaml:"lead"` // one sentence under the title
	Sections []Section `yaml:"sections"`
}

// Section is a titled stretch of a document: paragraphs, then points, numbered when order matters.
type Section struct {
	ID         string  `yaml:"id"`
	Title      Text    `yaml:"title"`
	Paragraphs []Text  `yaml:"paragraphs"`
	Points     []Point `yaml:"points"`
	Numbered   bool    `yaml:"numbered"`
	Elsewhere  bool    `yaml:"elsewhere"` // Load fills Points from Pack.Elsewhere
}

// Point is one line of a list, with an optional term before it.
type Point struct {
	Term Text `yaml:"term"`
	Text Text `yaml:"text"`
}
