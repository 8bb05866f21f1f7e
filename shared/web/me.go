package web

import (
	"context"
	"net/http"
	"strconv"

	"nod/shared/domain"
)

// requestBody leaves room for a proof in base64.
const requestBody = 5 << 20

func (a API) showMe(ctx context.Context, c *call) (answer, error) {
	return ok(a.Me.Show(ctx, c.credential))
}

func (a API) copyMe(ctx context.Context, c *call) (answer, error) {
	after, err := c.after()
	if err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	v, err := a.Me.Copy(ctx, c.credential, after)
	return answer{status: http.StatusOK, body: v, file: "nod-copy.json"}, err
}

// after reads where a copy goes on.
func (c *call) after() (int, error) {
	text := c.r.URL.Query().Get("after")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault(domain.InvalidValue, "after", domain.OutOfRange)
	}
	return n, nil
}

func (a API) ask(ctx context.Context, c *call) (answer, error) {
	if c.isLarge() {
		if err := a.Learner.Authenticate(ctx, c.credential); err != nil {
			return answer{}, err
		}
	}
	var w domain.Wish
	if err := c.bind(&w); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return created(a.Me.Ask(ctx, c.asCall(), c.credential, w))
}

func (a API) myRequests(ctx context.Context, c *call) (answer, error) {
	return ok(a.Me.Requests(ctx, c.credential))
}

func (a API) listRequests(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	waiting := false
	switch c.r.URL.Query().Get("state") {
	case "":
	case "open":
		waiting = true
	default:
		return answer{}, fault(domain.InvalidValue, "state", domain.NotAllowed)
	}
	return ok(a.Requests.List(ctx, c.asCall(), waiting, page))
}

func (a API) readRequest(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	return ok(a.Requests.Read(ctx, c.asCall(), id))
}

func (a API) resolveRequest(ctx context.Context, c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	var r domain.Resolution
	if err := c.bind(&r); err != nil {
		return answer{}, err
	}
	return ok(a.Requests.Resolve(ctx, c.asCall(), id, r))
}
