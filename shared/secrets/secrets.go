// Package secrets fetches the values of variables that only name a secret in a cloud's
// store, so that neither a template nor a console shows it:
//
//	NOD_DATA_KEY=aws-ssm:/nod/data-key         AWS Systems Manager, Parameter Store
//	NOD_DATA_KEY=tencent-ssm:nod-data-key/v3   Tencent Cloud Secrets Manager, name/version
//
// The function's own role must be allowed to read it. It is read once, when a process
// starts; what is new is met by the next process. No error shows a value.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// Options are where secrets are. Endpoints are for tests; the clouds' own are the default.
type Options struct {
	Region       string // of the cloud, in mainland China
	AWS, Tencent string // endpoints: scheme and host
}

// A store fetches secrets by their names.
type store func(ctx context.Context, o Options, names []string) (values map[string]string, err error)

// The stores, by what a reference begins with.
var stores = map[string]store{"aws-ssm": parameterStore, "tencent-ssm": secretsManager}

// Named reports whether a variable's value is no secret, but names one in a store.
func Named(value string) bool {
	_, _, found := reference(value)
	return found
}

func reference(value string) (kind, name string, found bool) {
	kind, name, found = strings.Cut(value, ":")
	_, known := stores[kind]
	return kind, name, found && known
}

// within is how long all of it may take: a platform ends a process that does not start.
const within = 8 * time.Second

// Fill sets each of the environment's variables that names a secret to its value. Variables
// that name none are left as they are. All that is missing is said at once.
func Fill(ctx context.Context, variables []string, o Options) error {
	wanted := map[string]map[string]string{} // variable by reference, of each store
	named := map[string][]string{}
	for _, variable := range variables {
		kind, name, found := reference(os.Getenv(variable))
		if !found {
			continue
		}
		if wanted[kind] == nil {
			wanted[kind] = map[string]string{}
		}
		wanted[kind][variable] = name
		if !slices.Contains(named[kind], name) {
			named[kind] = append(named[kind], name)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var faults []error
	for _, kind := range slices.Sorted(maps.Keys(wanted)) {
		values, broken := stores[kind](ctx, o, named[kind])
		if broken != nil {
			faults = append(faults, fmt.Errorf("secrets: %s: %w", kind, broken))
		}
		for _, variable := range slices.Sorted(maps.Keys(wanted[kind])) {
			name := wanted[kind][variable]
			var err error
			switch value := values[name]; {
			case value != "":
				err = os.Setenv(variable, value)
			case broken == nil:
				err = errors.New("there is no such secret, or the function's role may not read it")
			}
			if err != nil {
				faults = append(faults, fmt.Errorf("secrets: %s names %s:%s: %w", variable, kind, name, err))
			}
		}
	}
	return errors.Join(faults...)
}
