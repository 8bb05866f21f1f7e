package lms

import "net/http"

// visitors lets in whoever asks for the platform by its own address, and posts from its own
// pages. There is no sign-in: a page of another site that has its name point at this machine
// would be anybody it likes, and have the developer's own photo.
func (s *Server) visitors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := r.Header.Get("Origin") // a browser sends it with every POST; what is no browser need not
		switch {
		case "http://"+r.Host != s.own:
			http.Error(w, "The platform is at "+s.own, http.StatusMisdirectedRequest)
		case r.Method == http.MethodPost && from != "" && from != s.own:
			http.Error(w, "Only the platform's own pages may post here", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
