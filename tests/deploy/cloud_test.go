package deploy

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/runtime/lambda/runtimeapi"
	"nod/shared/runtime/scf/scfrpc"
	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/shared/vault"
	"nod/tests/bucket"
	"nod/tests/postgres"
)

// TestMain runs the tests, or is a function with a defect.
func TestMain(m *testing.M) {
	if os.Getenv(defective) != "" {
		os.Exit(verifyWithADefect())
	}
	postgres.Main(m)
}

type object = map[string]any

// patience is how long a call may take, on a busy machine.
const patience = 30 * time.Second

var errTooLarge = errors.New("the platform refuses an event of that size")

// cloud is every function, built and started as it is deployed, in a process of its own:
// they share a database and an object storage, and nothing else.
type cloud struct {
	t        testing.TB
	name     string
	values   map[string]string               // of the variables
	command  func(function string) *exec.Cmd // starts one more instance
	invoke   map[string]func(event []byte, within time.Duration) ([]byte, error)
	abandon  map[string]func(event []byte, n int) error // SCF's: begins a call and goes away
	reached  func(path string) string
	within   time.Duration // that the platform gives a call
	ends     bool          // whether a process may end in a call, which nobody answers then
	gateway  *httptest.Server
	operator string
	secrets  *watch

	collector *collector
}

// programs are the functions, built by the project's script: the same file runs on both
// clouds.
var programs = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "nod-dist-"); err != nil {
		return "", err
	}
	script, err := filepath.Abs(filepath.Join(root, "scripts", "build.sh"))
	if err != nil {
		return "", err
	}
	cmd := exec.Command(script, dir)
	cmd.Env = append(os.Environ(), "CLOUDS=scf")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &toolError{err, string(out)}
	}
	return filepath.Join(dir, "scf"), nil
})

// newCloud starts all functions under the protocol of a cloud. Each is told the variables
// that the template tells it, and no other.
func newCloud(t testing.TB, name string) *cloud {
	t.Helper()
	return newCloudOn(t, name, postgres.Database(t))
}

// newCloudOn is newCloud with an empty database of the caller's.
func newCloudOn(t testing.TB, name, database string) *cloud {
	t.Helper()
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{t: t, name: name, invoke: map[string]func([]byte, time.Duration) ([]byte, error){},
		abandon: map[string]func([]byte, int) error{}, reached: gateway(t), within: patience, secrets: watched(t)}
	c.values, c.collector = c.fresh(database), newCollector(t)
	c.values["NOD_OTLP_ENDPOINT"] = c.collector.url
	c.secrets.add(c.values)
	told := byName(t)
	c.command = func(function string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(dir, function, "main"))
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
		for variable := range told[function].Environment.Variables {
			cmd.Env = append(cmd.Env, variable+"="+c.values[variable])
		}
		return cmd
	}
	for function := range told {
		c.start(function, c.command(function))
	}
	c.stands()
	return c
}

// stands puts the gateway before the functions.
func (c *cloud) stands() {
	c.gateway = httptest.NewServer(http.HandlerFunc(c.serve))
	c.t.Cleanup(c.gateway.Close)
}

// fresh are the values of the variables, with the schema in the database and a new bucket.
func (c *cloud) fresh(database string) map[string]string {
	c.t.Helper()
	dataKey, err := vault.NewDataKey()
	if err != nil {
		c.t.Fatal(err)
	}
	st, err := store.Open(database, store.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	defer st.Close()
	if _, err := migrate.Up(c.t.Context(), st); err != nil {
		c.t.Fatal(err)
	}
	c.operator = domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()
	return map[string]string{
		"NOD_PUBLIC_URL": "https://nod.example.com", "NOD_REGION": "cn-north-1", "NOD_DB": database, "NOD_DATA_KEY": dataKey,
		"NOD_INDEX_KEY": vault.RandomKey(), "NOD_ASSERTION_KEY": vault.RandomKey(), "NOD_PROMISE_KEY": vault.RandomKey(),
		"NOD_CHECKPOINT_KEY": vault.RandomKey(), "NOD_OPERATOR_KEY": c.operator, "NOD_FACE_SECRET_ID": "AKIDtest", "NOD_FACE_SECRET_KEY": "test",
		"NOD_OBJECTS": bucket.Start(c.t),
		"GODEBUG":     "asyncpreemptoff=1",
	}
}

func (c *cloud) start(function string, cmd *exec.Cmd) {
	c.t.Helper()
	// The role's credentials, which a platform puts there.
	if c.name == "scf" {
		cmd.Env = append(cmd.Env, "TENCENTCLOUD_SECRETID=AKIDtest", "TENCENTCLOUD_SECRETKEY=test")
		f := scfrpc.Start(c.t, cmd)
		c.secrets.logs = append(c.secrets.logs, f.Log)
		c.abandon[function] = f.Abandon
		c.invoke[function] = func(event []byte, within time.Duration) ([]byte, error) {
			r, err := f.Invoke(event, within)
			if errors.Is(err, scfrpc.ErrEventTooLarge) {
				err = errTooLarge
			}
			if errors.Is(err, scfrpc.ErrEnded) {
				err = &toolError{err, f.Log()}
			}
			if err == nil && r.Error != nil {
				err = errors.New(r.Error.Message)
			}
			return r.Payload, err
		}
		return
	}
	cmd.Env = append(cmd.Env, "AWS_ACCESS_KEY_ID=AKIDtest", "AWS_SECRET_ACCESS_KEY=test")
	f := runtimeapi.Start(c.t, cmd)
	c.secrets.logs = append(c.secrets.logs, f.Log)
	c.invoke[function] = func(event []byte, within time.Duration) ([]byte, error) {
		r, err := f.Invoke(event, within)
		if errors.Is(err, runtimeapi.ErrEventTooLarge) {
			err = errTooLarge
		}
		if errors.Is(err, runtimeapi.ErrEnded) {
			err = &toolError{err, f.Log()}
		}
		if err == nil && r.Failed {
			err = errors.New(string(r.Payload))
		}
		return r.Payload, err
	}
}

// serve is what stands in front of the functions: it makes an event of each request, and a
// response of what comes back.
func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	headers := map[string]string{"host": "nod.example.com"}
	for name := range r.Header {
		headers[http.CanonicalHeaderKey(name)] = r.Header.Get(name)
	}
	event, err := json.Marshal(c.event(r, headers, string(body)))
	if err != nil {
		c.t.Error(err)
	}
	payload, err := c.invoke[c.reached(r.URL.Path)](event, c.within)
	switch {
	case errors.Is(err, errTooLarge):
		w.WriteHeader(http.StatusRequestEntityTooLarge) // the platform's own answer
		return
	case err != nil:
		if !c.ends {
			c.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	var response struct {
		StatusCode      int
		Headers         map[string]string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(payload, &response); err != nil || response.StatusCode == 0 {
		c.t.Errorf("%s %s: the function answers %.200s", r.Method, r.URL.Path, payload)
	}
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	content := []byte(response.Body)
	if response.IsBase64Encoded {
		if content, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
			c.t.Error(err)
		}
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(content)
}

// event is that of an HTTP API on Lambda, and of a Function URL on SCF, which tells less.
func (c *cloud) event(r *http.Request, headers map[string]string, body string) object {
	if c.name == "scf" {
		query := object{}
		for name := range r.URL.Query() {
			query[name] = r.URL.Query().Get(name)
		}
		return object{"body": body, "headers": headers, "httpMethod": r.Method, "path": r.URL.Path, "queryString": query}
	}
	return object{
		"version": "2.0", "routeKey": "$default", "rawPath": r.URL.Path, "rawQueryString": r.URL.RawQuery, "headers": headers, "body": body,
		"isBase64Encoded": false, "requestContext": object{"http": object{"method": r.Method, "path": r.URL.Path, "sourceIp": "203.0.113.7"}},
	}
}

// tick is the timer.
func (c *cloud) tick() {
	c.t.Helper()
	if err := c.due(time.Minute); err != nil {
		c.t.Fatalf("the timer: %v", err)
	}
}

// due is the timer's call, and what comes of it.
func (c *cloud) due(within time.Duration) error {
	c.t.Helper()
	file := map[string]string{"scf": "scf-timer.json", "lambda": "lambda-eventbridge-schedule.json"}[c.name]
	event, err := os.ReadFile(filepath.Join(root, "events", file))
	if err != nil {
		c.t.Fatal(err)
	}
	_, err = c.invoke["maintain"](event, within)
	return err
}

// ask makes a call and returns its status and body.
func (c *cloud) ask(method, path, bearer string, body object) (status int, answer object) {
	c.t.Helper()
	r, content := c.send(method, path, bearer, body)
	answer = object{}
	if err := json.Unmarshal(content, &answer); err != nil {
		c.t.Errorf("%s %s: %d %.200s", method, path, r.StatusCode, content)
	}
	return r.StatusCode, answer
}

// call is ask for a call that must succeed.
func (c *cloud) call(method, path, bearer string, body object) object {
	c.t.Helper()
	status, answer := c.ask(method, path, bearer, body)
	if status >= 300 {
		c.t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

func (c *cloud) send(method, path, bearer string, body object) (*http.Response, []byte) {
	c.t.Helper()
	headers := http.Header{}
	from, to := io.Pipe()
	go func() {
		if body == nil {
			_ = to.Close()
			return
		}
		_ = to.CloseWithError(json.NewEncoder(to).Encode(body))
	}()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.gateway.URL+path, from)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		headers.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		headers.Set("Authorization", "Bearer "+bearer)
	}
	r.Header = maps.Clone(headers)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, content
}
