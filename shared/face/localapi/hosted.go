package localapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

// The addresses of the stand-in for the vendor's page.
const (
	hostedPath = "/hosted"
	stylePath  = "/hosted.css"
)

var (
	//go:embed hosted.html
	hostedSource string
	//go:embed hosted.css
	hostedStyle []byte

	hostedPage = template.Must(template.New("hosted").Parse(hostedSource))
)

// maxForm is more than the page's form can hold.
const maxForm = 4096

// hostedView is what the page shows. A view without a token says that the visit is over.
type hostedView struct {
	Token, Style string
	Outcomes     []hostedChoice
}

type hostedChoice struct{ Word, Chinese, English string }

// hostedChoices are the outcomes, and giving up.
var hostedChoices = func() (list []hostedChoice) {
	for _, o := range outcomes {
		list = append(list, hostedChoice{o.word, o.chinese, o.english})
	}
	return append(list, hostedChoice{giveUp, "放弃，返回", "Give up and go back"})
}()

// serveHosted serves the stand-in for the vendor's page: a form on which the person says
// how the visit comes out.
func (s *Server) serveHosted(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), nil)
	switch {
	case r.URL.Path == stylePath && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(hostedStyle)
	case r.URL.Path == hostedPath && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		s.showHosted(w, r)
	case r.URL.Path == hostedPath && r.Method == http.MethodPost:
		s.finishHosted(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "The page takes GET and POST.", http.StatusMethodNotAllowed)
	}
}

// showHosted shows the form. Who has finished already is sent back at once.
func (s *Server) showHosted(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	var back string
	known := s.visits.with(token, func(one *visit) {
		secure(w.Header(), one.back)
		if one.outcome != nil {
			back = one.returnAddress()
		}
	})
	switch {
	case !known:
		render(w, http.StatusNotFound, hostedView{})
	case back != "":
		leaveHosted(w, back)
	default:
		render(w, http.StatusOK, hostedView{Token: token, Outcomes: hostedChoices})
	}
}

// finishHosted takes the choice and sends the person back. The first choice stands.
func (s *Server) finishHosted(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	word := r.PostForm.Get("outcome")
	chosen := outcomeOf(word)
	if chosen == nil && word != giveUp {
		http.Error(w, "There is no such outcome.", http.StatusBadRequest)
		return
	}
	var back string
	known := s.visits.with(r.PostForm.Get("token"), func(one *visit) {
		if one.outcome == nil && chosen != nil {
			one.outcome, one.finished = chosen, s.now()
		}
		back = one.returnAddress()
	})
	if !known {
		render(w, http.StatusNotFound, hostedView{})
		return
	}
	leaveHosted(w, back)
}

func leaveHosted(w http.ResponseWriter, back string) {
	w.Header().Set("Location", back)
	w.WriteHeader(http.StatusSeeOther)
}

func render(w http.ResponseWriter, status int, view hostedView) {
	view.Style = stylePath
	var text bytes.Buffer
	if err := hostedPage.Execute(&text, view); err != nil {
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// secure sets the headers of every answer. The form leads to this server and by a
// redirect to the address of DetectAuth, which browsers hold against the policy as well.
func secure(h http.Header, back *url.URL) {
	form := "'self'"
	if back != nil {
		form += " " + back.Scheme + "://" + back.Host
	}
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action "+form+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}
