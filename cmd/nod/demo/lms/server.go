// Package lms is a learning platform in miniature, to try Nod with: a training and an
// exam whose start button needs a check, and a registration by real name. It is a server
// of its own and uses nothing but Nod's public interface. integration.go and
// integration.js are all that a platform has to write, and stand in docs/integration.md;
// with people under age, guardian.go comes to it.
package lms

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"html/template"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"nod/shared/face/localapi/portraits"
)

//go:embed page.html *.js lms.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

// Server is the platform. What it remembers, it remembers until it ends.
type Server struct {
	Nod
	own string // its origin

	mu     sync.Mutex
	checks map[string]started
	mine   []byte // the photo of whoever tries it with their own face
}

// started is a check under way. That its id is known proves nothing to anybody.
type started struct {
	Check
	session string
}

// Listen takes an address for the platform; another one if that is taken.
func Listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	return listener, err
}

// Serve serves the platform until ctx ends.
func Serve(ctx context.Context, listener net.Listener, nod Nod) *Server {
	s := &Server{Nod: nod, own: "http://" + listener.Addr().String(), checks: map[string]started{}}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with ctx
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return s
}

// Origin is where the platform is.
func (s *Server) Origin() string { return s.own }

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, name := range []string{"integration.js", "beside.js", "photo.js", "realname.js", "lms.css"} {
		mux.Handle("GET /"+name, http.FileServerFS(files))
	}
	mux.HandleFunc("GET /photos/{name}", s.photo)
	mux.HandleFunc("GET /records", s.records)
	mux.HandleFunc("GET /{course}", s.show)
	mux.HandleFunc("POST /{course}/start", s.start)
	mux.HandleFunc("POST /finish", s.finish)
	mux.HandleFunc("POST /my-photo", s.myPhoto)
	mux.Handle("GET /{$}", http.RedirectHandler("/exam", http.StatusSeeOther))
	return s.visitors(mux)
}

// show is a course's page, also when the person comes back to it from Nod's page.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	t := textsFor(w, r)
	c, found := t.Courses[r.PathValue("course")]
	if !found {
		http.NotFound(w, r)
		return
	}
	outcome := ""
	if check := r.URL.Query().Get("check"); check != "" {
		outcome = s.outcome(r.Context(), t, check)
	}
	var courses []course
	for _, path := range paths {
		courses = append(courses, t.Courses[path])
	}
	var known []registered
	if c.Path == "realname" {
		known = people()
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; connect-src 'self'; style-src 'self'; img-src data:; script-src 'self' "+
		s.Nod.URL+"; frame-src "+s.Nod.URL)
	_ = page.Execute(w, map[string]any{
		"T": t, "Courses": courses, "Course": c, "Here": c.Path, "Nod": s.Nod.URL,
		"Learners": t.Learners, "People": known, "Learner": r.URL.Query().Get("learner"), "Outcome": outcome,
	})
}

// start opens the check that the start button needs. For somebody under age it makes the
// message to the guardian, too.
func (s *Server) start(w http.ResponseWriter, r *http.Request) {
	t := textsFor(w, r)
	c, found := t.Courses[r.PathValue("course")]
	if !found {
		http.NotFound(w, r)
		return
	}
	check, trouble := s.checkFor(t, c.Path, r.URL.Query())
	if trouble != "" {
		answer(w, http.StatusUnprocessableEntity, map[string]string{"text": trouble})
		return
	}
	id := rand.Text()
	check.Purpose, check.Nonce, check.Locale = c.Path, rand.Text(), t.Lang
	check.ReturnURL = s.own + "/" + c.Path + "?check=" + id
	session, url, err := s.Open(r.Context(), check)
	guardian := ""
	if err == nil && check.AgeGroup != "adult" {
		guardian, err = s.GuardianLink(r.Context(), session)
	}
	if err != nil {
		answer(w, http.StatusBadGateway, map[string]string{"text": t.Down + " " + err.Error()})
		return
	}
	s.mu.Lock()
	s.checks[id] = started{check, session}
	s.mu.Unlock()
	answer(w, http.StatusOK, map[string]string{"url": url, "check": id, "guardian": guardian})
}

func (s *Server) finish(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]string{"text": s.outcome(r.Context(), textsFor(w, r), r.URL.Query().Get("check"))})
}

func (s *Server) outcome(ctx context.Context, t texts, id string) string {
	s.mu.Lock()
	c, found := s.checks[id]
	s.mu.Unlock()
	if !found {
		return ""
	}
	switch granted, err := s.Granted(ctx, c.Check, c.session); {
	case err != nil:
		return t.Down
	case granted:
		return t.Granted
	}
	return t.NotGranted
}

func (s *Server) photo(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	photos := map[string][]byte{"collins.png": portraits.Collins, "hopper.jpg": portraits.Hopper, "mine": s.mine}
	s.mu.Unlock()
	if b := photos[r.PathValue("name")]; b != nil {
		w.Header().Set("Content-Type", http.DetectContentType(b))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(b)
		return
	}
	http.NotFound(w, r)
}

const largestPhoto = 4 << 20

func (s *Server) myPhoto(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestPhoto))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, map[string]string{})
		return
	}
	if kind := http.DetectContentType(b); kind != "image/jpeg" && kind != "image/png" {
		answer(w, http.StatusUnsupportedMediaType, map[string]string{})
		return
	}
	s.mu.Lock()
	s.mine = b
	s.mu.Unlock()
	answer(w, http.StatusOK, map[string]string{})
}

func answer(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
