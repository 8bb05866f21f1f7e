'use strict'

// The routes of each function, for serverless.yml: the paths of functions.json, as an HTTP
// API spells them. Of two that fit it takes the more specific one.

const functions = require('../functions.json')

const route = path => path === '/*' ? '*' : 'ANY ' + path.replace(/\*$/, '{proxy+}')

// osls resolves ${file(infra/aws/routes.js):NAME} by the export of that name.
for (const [name, { paths }] of Object.entries(functions)) {
  module.exports[name] = paths.map(path => ({ httpApi: route(path) }))
}
