package public

import (
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/intake"
)

type conversationJSON struct {
	State      intake.State  `json:"state"`
	ReceivedOn intake.Date   `json:"received_on"`
	History    []changeJSON  `json:"history"`
	Due        []dueJSON     `json:"due"`
	Messages   []messageJSON `json:"messages"`
	OpenedOn   intake.Date   `json:"opened_on,omitempty"`
	Reply      intake.Reply  `json:"reply"`    // how the reporter wants to hear by now
	Identity   string        `json:"identity"` // none, kept or withdrawn
	Told       []toldJSON    `json:"told"`
}

// toldJSON is how far an answer to the reporter's own contact has come: waiting,
// sent or not_sent.
type toldJSON struct {
	State string      `json:"state"`
	On    intake.Date `json:"on,omitempty"`
}

type changeJSON struct {
	State intake.State `json:"state"`
	On    intake.Date  `json:"on"`
}

type dueJSON struct {
	Kind string      `json:"kind"`
	On   intake.Date `json:"on"`
}

type messageJSON struct {
	From string      `json:"from"`
	On   intake.Date `json:"on"`
	Text string      `json:"text,omitempty"` // the desk's only
	// Files is how many the reporter added with it.
	Files int `json:"files,omitempty"`
}

// apiReceipt opens a receipt.
func (s *site) apiReceipt(c *gin.Context) error {
	var in struct{ Receipt string }
	if err := s.readSmall(c, &in); err != nil {
		return err
	}
	code, err := s.open(c, in.Receipt)
	if err != nil {
		s.Count("receipt", outcome(err))
		return err
	}
	talk, err := s.Service.Look(c.Request.Context(), code)
	s.Count("receipt", outcome(err))
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, typeJSON, conversation(talk))
}

// readSmall reads a JSON body that holds a receipt and little else.
func (s *site) readSmall(c *gin.Context, into any) error {
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != typeJSON {
		return errMediaType
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxFields)
	body, err := readWords(c.Request)
	if err != nil {
		return err
	}
	return decode(body, into)
}

func conversation(talk intake.Conversation) conversationJSON {
	out := conversationJSON{State: talk.State, ReceivedOn: talk.ReceivedOn, OpenedOn: talk.OpenedOn,
		History: []changeJSON{}, Due: []dueJSON{}, Messages: []messageJSON{}, Reply: talk.Reply, Identity: talk.Identity, Told: []toldJSON{}}
	for _, t := range talk.Told {
		out.Told = append(out.Told, toldJSON{t.State, t.On})
	}
	for _, h := range talk.History {
		out.History = append(out.History, changeJSON(h))
	}
	for _, d := range talk.Due {
		out.Due = append(out.Due, dueJSON(d))
	}
	for _, m := range talk.Messages {
		out.Messages = append(out.Messages, messageJSON{m.From, m.On, m.Text, m.Sent})
	}
	return out
}
