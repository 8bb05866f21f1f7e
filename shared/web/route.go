package web

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"nod/shared/domain"
)

// Route is one call of the interface.
type Route struct {
	Method string
	Path   string // a pattern of http.ServeMux
	// Who may call: roles of keys, or Learner, or nobody in particular (nil).
	Who []domain.Role
	// MaxBody bounds the request's body; 0 is DefaultBody.
	MaxBody int64
	serve   func(context.Context, *call) (answer, error)
}

// Learner stands in Who for the holder of a session's token.
const Learner domain.Role = domain.LearnerToken

// answer is what a call is answered with.
type answer struct {
	status int
	body   any // as JSON, or a content as it is
	etag   string
	file   string // what a browser calls it where it saves it; empty: it shows it
}

// content is an answer that is not JSON: a page, or what a page loads.
type content struct {
	kind   string
	header map[string]string
	body   []byte
	file   io.ReadCloser // in the place of a body, where that is not in memory; size bytes
	size   int64
}

func ok(body any, err error) (answer, error) { return answer{status: http.StatusOK, body: body}, err }
func created(body any, err error) (answer, error) {
	return answer{status: http.StatusCreated, body: body}, err
}

// Handler serves routes, and answers a problem document for every other path, also
// for those that http.ServeMux would clean and redirect to.
func (a API) Handler(groups ...[]Route) http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range slices.Concat(groups...) {
		mux.Handle(r.Method+" "+r.Path, a.endpoint(r))
		methods[r.Path] = append(methods[r.Path], r.Method)
	}
	for pattern, allowed := range methods {
		slices.SortFunc(allowed, cmp.Compare)
		mux.Handle(pattern, a.refusing(domain.MethodNotAllowed, strings.Join(allowed, ", ")))
	}
	nothing := a.refusing(domain.NoSuchThing, "")
	if _, taken := methods["/"]; !taken {
		mux.Handle("/", nothing)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path {
			nothing.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// TooLarge answers a request whose body is larger than any call takes.
func (a API) TooLarge() http.Handler { return a.refusing(domain.BodyTooLarge, "") }

func (a API) refusing(reason domain.Reason, allow string) http.Handler {
	return a.endpoint(Route{Path: "(none)", serve: func(_ context.Context, c *call) (answer, error) {
		if allow != "" {
			c.w.Header().Set("Allow", allow)
		}
		return answer{}, domain.Refuse(reason)
	}})
}
