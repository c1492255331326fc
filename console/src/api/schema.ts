/** Written by `npm run openapi` from server/openapi.yaml (SHA-256 a5b226d306d113cc57d219718cf2e9ae9389d05d540b904fa34ef8db563ad7f0). */
export interface paths {
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events, newest first */
        get: operations["listEvents"];
        put?: never;
        /**
         * Publish one event or a batch
         * @description One event as `application/cloudevents+json`; one with its attributes in `ce-` headers (binary mode); many as `application/cloudevents-batch+json` or as `application/x-ndjson`. Plain `application/json` is an event or an array of them; these, and lines, may leave out `specversion`, `id` and `source`.
         */
        post: operations["publishEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/translate/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publish another system’s message
         * @description A translator reads the message and answers events; each has a result of its own.
         */
        post: operations["translateMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/tail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events as they are admitted
         * @description Resumes after `Last-Event-ID`. A comment now and then keeps the line open.
         */
        get: operations["tailEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One event, by its publisher’s id */
        get: operations["getEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to an event: processors, tasks, attempts */
        get: operations["getTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}/tree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An event and what came of it, each below its parent */
        get: operations["getTree"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A suspended event goes on */
        post: operations["resumeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase what is told of a person
         * @description Events, attempts, results of processors and the properties of its resource are blanked; unfinished deliveries end. Ids, hashes and an audit row stay. Backups are not touched.
         */
        post: operations["eraseSubject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entries, oldest first
         * @description For those who see the whole tenant, as all of it.
         */
        get: operations["listInbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox/{entry}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One entry, with its event */
        get: operations["getInboxEntry"];
        put?: never;
        post?: never;
        /**
         * Drop an entry
         * @description It never becomes an event. This is told in the audit trail.
         */
        delete: operations["dropInboxEntry"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox/{entry}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A refused entry is tried again
         * @description What judges said in the call that wrote it still holds; what came by SQL is judged anew.
         */
        post: operations["retryInboxEntry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every event type */
        get: operations["listTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/types/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One event type with its schema */
        get: operations["getType"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resource-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every type of resources */
        get: operations["listResourceTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resource-types/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One type of resources with the schema of their properties */
        get: operations["getResourceType"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every way out, and what it asks for */
        get: operations["listTransports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Resources by id */
        get: operations["listResources"];
        put?: never;
        /** Create a resource */
        post: operations["createResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One resource with its links */
        get: operations["getResource"];
        put?: never;
        post?: never;
        /** Remove a resource and its links */
        delete: operations["removeResource"];
        options?: never;
        head?: never;
        /**
         * Change a resource
         * @description One `changed` event, however many properties. `If-Match` guards against a change meanwhile.
         */
        patch: operations["updateResource"];
        trace?: never;
    };
    "/v1/resources/{id}/links/{relation}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Link two resources
         * @description `If-Match` names the revision of the resource it starts from.
         */
        put: operations["linkResources"];
        post?: never;
        /**
         * End a link
         * @description `If-Match` names the revision of the resource it starts from.
         */
        delete: operations["unlinkResources"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import resources
         * @description A body of JSON lines: `{"id", "type", "owner"?, "status"?, "properties"?, "links"?: [{"relation", "to", "strong"?}]}`, each the whole state of a resource and links that begin at it; what they lead to may come further down. Good lines are taken, bad ones told. Of several requests each goes on after the line that the one before it answered. Operators and admins only.
         */
        post: operations["importResources"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an import is */
        get: operations["getImport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bind a subscription to a domain */
        post: operations["bindToDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{id}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the limits of a subscription */
        patch: operations["changeLimits"];
        trace?: never;
    };
    "/v1/resources/{id}/renewals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell that the renewal of a subscription begins */
        post: operations["renewSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Subscriptions by id */
        get: operations["listSubscriptions"];
        put?: never;
        /** Subscribe */
        post: operations["createSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One subscription */
        get: operations["getSubscription"];
        put?: never;
        post?: never;
        /** Remove a subscription; its unfinished tasks end */
        delete: operations["removeSubscription"];
        options?: never;
        head?: never;
        /**
         * Change a subscription
         * @description A JSON Merge Patch (RFC 7396). `If-Match` guards against a change meanwhile.
         */
        patch: operations["updateSubscription"];
        trace?: never;
    };
    "/v1/subscriptions/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a subscription like this would have heard of the latest events
         * @description Nothing is kept and nobody is told.
         */
        post: operations["previewSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test event by the real path, and wait for the outcome */
        post: operations["testSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold what is to be sent */
        post: operations["pauseSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on where it was paused or disabled */
        post: operations["resumeSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new signing secret, shown this once */
        post: operations["rotateSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell it again what it saw, marked as a replay */
        post: operations["replaySubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/seek": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on from another place; of one that reads the log */
        post: operations["seekSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why this subscription hears of an event, or does not */
        get: operations["explainSubscription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/lease": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take what is due, for a while */
        post: operations["leaseTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It is done */
        post: operations["settleLeases"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Not now: give it back */
        post: operations["releaseLeases"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tasks, newest first */
        get: operations["listTasks"];
        put?: never;
        post?: never;
        /**
         * Empty the queue of asynchronous processors
         * @description Finished tasks too. Operators and administrators only. Events and deliveries to subscriptions stay.
         */
        delete: operations["removeAllTasks"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many tasks there are, by state */
        get: operations["countTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task with its attempts */
        get: operations["getTask"];
        put?: never;
        post?: never;
        /**
         * Delete a task
         * @description With it go the tasks that what came of its event has in the same subscription. The events stay.
         */
        delete: operations["removeTask"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send it again now, by the same id; also one that was delivered */
        post: operations["retryTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop it; a running attempt is aborted */
        post: operations["cancelTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/priority": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change its priority; its group comes forward with it */
        put: operations["prioritiseTask"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try again, in bulk, what ended without being delivered */
        post: operations["redriveTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry, cancel, delete or re-prioritise many tasks
         * @description Each that is in a state which allows it; the others stay as they are.
         */
        post: operations["changeTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/transactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of a transaction
         * @description With `wait` it is a long poll. An id that no event has is settled: nothing of it is unfinished.
         */
        get: operations["getTransaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/processors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Processors in the order they run */
        get: operations["listProcessors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/processors/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Resource types by event types by processors
         * @description Those that the system of a profile runs itself stand beside ours: `origin` is its profile, ours are `here`.
         */
        get: operations["overviewProcessors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/processors/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One processor */
        get: operations["getProcessor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Enable, disable, move or set a processor */
        patch: operations["configureProcessor"];
        trace?: never;
    };
    "/v1/processors/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was set at run time, as a file */
        get: operations["exportProcessors"];
        /**
         * Lay a file over what is set
         * @description All of it, or nothing when any of it is wrong. A secret that is masked stays what it is.
         */
        put: operations["applyProcessors"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/processors/file/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a file would change */
        post: operations["diffProcessors"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/processing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The switches of asynchronous processing */
        get: operations["getProcessing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Stop and start asynchronous processing, or do it in place
         * @description Holds at once in this process, and within a second in others.
         */
        patch: operations["setProcessing"];
        trace?: never;
    };
    "/v1/plugins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Plug-ins and how they are */
        get: operations["listPlugins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plugins/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up changed plug-ins
         * @description Reads the list of the configuration anew, in this node: what is new or changed is loaded and takes over between two events; what it replaces ends after its last call, and goes on if the new one cannot be loaded. So are registered classes, by the table of the configuration.
         */
        post: operations["reloadPlugins"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/registrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Classes registered for events, in their order */
        get: operations["listRegistrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/registrations/{system}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Register classes in place of all that were
         * @description All of them or, when one is wrong, none. Who stays registered keeps its instance. Holds at once, and within a second in other nodes.
         */
        put: operations["replaceRegistrations"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/captures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Captures and how they are */
        get: operations["listCaptures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/captures/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One capture */
        get: operations["getCapture"];
        /**
         * Make the source ready, and capture
         * @description With another mapping it goes on with that from its next change on. One that ended begins anew. A password that is not said stays as it is.
         */
        put: operations["applyCapture"];
        post?: never;
        /**
         * Take everything of a capture out of its source
         * @description Its events stay.
         */
        delete: operations["removeCapture"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/captures/{name}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which statements a mapping needs in its source
         * @description Nothing is changed. Of what is there already nothing is told.
         */
        post: operations["planCapture"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/captures/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prove that a capture works
         * @description In each table an update that changes nothing is made and rolled back; what must be there is looked for, and whether somebody reads.
         */
        post: operations["checkCapture"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Types, processors and subscriptions, as a file
         * @description The sections that the key may read; types that the code defines are not among them.
         */
        get: operations["exportDefinitions"];
        /**
         * Make it as a file says
         * @description All of it, or nothing when any of it is wrong. Secrets that the file does not say stay. Types and processors are changed by operators, subscriptions by who governs the tenant.
         */
        put: operations["applyDefinitions"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/definitions/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a file would change */
        post: operations["diffDefinitions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys, without their secrets */
        get: operations["listKeys"];
        put?: never;
        /** A new key, shown this once */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a key */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who calls, and what they may */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign in with a key
         * @description Answers a cookie for twelve hours that no script can read; it counts beside the header `tocsin-console` alone.
         */
        post: operations["createSession"];
        /** Sign out */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tenants by id */
        get: operations["listTenants"];
        put?: never;
        /** A new tenant */
        post: operations["createTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Rename, open or disable a tenant */
        patch: operations["updateTenant"];
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what, newest first */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process runs */
        get: operations["isAlive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events can be accepted */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the instance is, in detail */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The settings in force on this node */
        get: operations["getConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The nodes that share the database */
        get: operations["listNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/partitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a PostgreSQL database lies in partitions */
        get: operations["listPartitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics of the whole instance */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an error code means */
        get: operations["getProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uw-registry/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The topics of the Identity Registry */
        get: operations["uwListTopics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uw-registry/topics/{topic}/consumers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who hears a topic, and how far behind */
        get: operations["uwListConsumers"];
        put?: never;
        /** Subscribe to a topic */
        post: operations["uwSubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uw-registry/topics/{topic}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A message of the type test, on idattribute */
        post: operations["uwTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aps/2/resources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Resources, by RQL */
        get: operations["apsListResources"];
        put?: never;
        /** Create a resource */
        post: operations["apsCreateResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aps/2/resources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One resource */
        get: operations["apsGetResource"];
        /** Configure a resource */
        put: operations["apsConfigureResource"];
        post?: never;
        /** Remove a resource */
        delete: operations["apsRemoveResource"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aps/2/resources/{id}/aps/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Event subscriptions of a resource */
        get: operations["apsListSubscriptions"];
        put?: never;
        /** Subscribe a resource to events */
        post: operations["apsSubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aps/2/resources/{id}/aps/subscriptions/{subscription}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One event subscription */
        get: operations["apsGetSubscription"];
        put?: never;
        post?: never;
        /** End an event subscription */
        delete: operations["apsUnsubscribe"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aps/2/resources/{id}/{relation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Resources linked by a relation */
        get: operations["apsListLinked"];
        put?: never;
        /** Link a resource by a relation */
        post: operations["apsLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aps/2/resources/{id}/{relation}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a link */
        delete: operations["apsUnlink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Amazon SQS and SNS
         * @description Every operation of both, as their SDKs send it, signed by AWS Signature Version 4.
         */
        post: operations["awsCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{account}/{queue}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Amazon SQS and SNS
         * @description Every operation of both, as their SDKs send it, signed by AWS Signature Version 4.
         */
        get: operations["awsQueueGet"];
        put?: never;
        /**
         * Amazon SQS and SNS
         * @description Every operation of both, as their SDKs send it, signed by AWS Signature Version 4.
         */
        post: operations["awsQueueCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aws/sns/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Confirm or leave a subscription of a topic */
        get: operations["awsSnsLink"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aws/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificate that notifications are verified with */
        get: operations["awsSnsCertificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aws/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Queues of SQS */
        get: operations["awsListQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aws/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Topics of SNS, and the events they tell */
        get: operations["awsListTopics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/aws/topics/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Let a topic tell events */
        put: operations["awsBindTopic"];
        post?: never;
        /** Let a topic tell no events any more */
        delete: operations["awsUnbindTopic"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @description Where the code is explained, relative to this server. */
            type: string;
            title: string;
            status: number;
            /** @description What went wrong this time, in words. */
            detail: string;
            /** @description Stable; programs decide by it. */
            code: string;
            /** @description The field that is wrong, as a path. */
            field?: string;
            /** @description What would be right. */
            expected?: string;
            data?: {
                [key: string]: unknown;
            };
            /** @description Seconds after which trying again makes sense. */
            retryAfter?: number;
            /** @description Finds this request in the log. */
            requestId: string;
        };
        /** @description CloudEvents 1.0.2 in JSON, with Tocsin’s extensions. Further extensions are kept. */
        CloudEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /** @description With `source` the idempotency key. */
            id: string;
            /**
             * Format: uri-reference
             * @description The system in which the change happened.
             */
            source: string;
            /** @description As `GET /v1/types` lists them. */
            type: string;
            /** @description The id of the resource it is about. */
            subject?: string;
            /**
             * Format: date-time
             * @description When the change happened.
             */
            time?: string;
            datacontenttype?: string;
            dataschema?: string;
            /** @description What must stay in order; default: the subject. */
            partitionkey?: string;
            superowner?: string;
            /** @description Who did it. */
            actor?: string;
            /** @enum {unknown} */
            outcome?: "success" | "failure";
            /** @enum {unknown} */
            phase?: "pre" | "post";
            transactionid?: string;
            parentid?: string;
            rootid?: string;
            parenttype?: string;
            /** @enum {unknown} */
            priority?: "immediate" | "high" | "normal";
            /**
             * Format: date-time
             * @description Nobody is told before.
             */
            executeat?: string;
            /**
             * Format: date-time
             * @description Whoever was not told by then is not told.
             */
            expirytime?: string;
            /** @description Comma-separated. */
            tags?: string;
            /** @description Its asynchronous processors do not run. */
            skipnotify?: boolean;
            /** @description Nobody is told that they are queued, or failed. */
            skipnotification?: boolean;
            /** @description Given at admission. */
            sequence?: string;
            traceparent?: string;
            tracestate?: string;
            /** @description Stamped from the key; another value is refused. */
            tenant?: string;
            /** @description As the schema of the type says. */
            data?: unknown;
        } & {
            [key: string]: unknown;
        };
        ProcessorResult: {
            processor: string;
            kind: string;
            order: number;
            state: string;
            verdict: string | null;
            code: string | null;
            message: string | null;
        };
        Receipt: {
            id: string;
            source: string;
            type: string;
            tenant: string;
            /** @description `admitted`, `closed`, `suspended`, `refused` or `pending`. */
            state: string;
            /** @description The same event was already there; nothing was done again. */
            duplicate: boolean;
            /** @description Its place in the log; null while pending. */
            sequence: string | null;
            transactionId: string | null;
            /** @description Subscriptions that will be told. */
            tasks: number;
            results: components["schemas"]["ProcessorResult"][];
            /** @description Processors that run, or run again, after this answer. */
            queued: string[];
        };
        BatchResult: {
            /** @description One a published event, in order. */
            results: {
                /** @description As if it had been published alone. */
                status: number;
                receipt?: components["schemas"]["Receipt"];
                problem?: components["schemas"]["Problem"];
            }[];
        };
        Event: {
            event: components["schemas"]["CloudEvent"];
            /** @description Its place in the log. */
            sequence: string;
            /** @description A sequence means nothing in another epoch. */
            epoch: string;
            /** @description `admitted`, `closed`, `suspended` or `refused`. */
            state: string;
            /** Format: date-time */
            receivedAt: string;
            /** @description The key that published it, for who sees the whole tenant. */
            principal: string | null;
        };
        EventPage: {
            items: components["schemas"]["Event"][];
            next: string | null;
        };
        EventTree: {
            event: components["schemas"]["CloudEvent"];
            /** @description Its place in the log. */
            sequence: string;
            /** @description A sequence means nothing in another epoch. */
            epoch: string;
            /** @description `admitted`, `closed`, `suspended` or `refused`. */
            state: string;
            /** Format: date-time */
            receivedAt: string;
            /** @description The key that published it, for who sees the whole tenant. */
            principal: string | null;
            /** @description Events that came of it, oldest first. */
            children: components["schemas"]["EventTree"][];
            /** @description There is more than is shown. */
            truncated?: boolean;
        };
        Erased: {
            subject: string;
            dryRun: boolean;
            events: number;
            /** @description Deliveries that were not finished, and end. */
            tasks: number;
            attempts: number;
            results: number;
            /** @description Rows removed from the inbox. */
            inbox: number;
            resources: number;
        };
        Timeline: {
            event: components["schemas"]["CloudEvent"];
            /** @description Its place in the log. */
            sequence: string;
            /** @description A sequence means nothing in another epoch. */
            epoch: string;
            /** @description `admitted`, `closed`, `suspended` or `refused`. */
            state: string;
            /** Format: date-time */
            receivedAt: string;
            /** @description The key that published it, for who sees the whole tenant. */
            principal: string | null;
            results: {
                processor: string;
                /** @description From 0: one for each operation result it told. */
                number: number;
                kind: string;
                order: number;
                /** @description `executed`, `exception`, `not-executed`, `blocked`, `cancelled` or `running`. */
                state: string;
                verdict: string | null;
                code: string | null;
                message: string | null;
                /** @description Why, in words; at most 4 KiB. */
                cause: string | null;
                /** Format: date-time */
                startedAt: string;
                /** Format: date-time */
                endedAt: string | null;
            }[];
            tasks: components["schemas"]["TaskWithAttempts"][];
        };
        Inbox: {
            /** @description Its name in the inbox, a number. */
            entry: string;
            /** @description `pending` or `refused`. */
            state: string;
            /** @description `judged` in the call that wrote it, or `received` by SQL and not judged yet. */
            kind: string;
            source: string;
            id: string;
            type: string;
            subject: string | null;
            partitionKey: string;
            principal: string;
            /** Format: date-time */
            receivedAt: string;
            /** @description Why it was refused: a code of ours, or of the judge. */
            code: string | null;
            message: string | null;
            /** Format: date-time */
            refusedAt: string | null;
        };
        InboxPage: {
            items: components["schemas"]["Inbox"][];
            next: string | null;
        };
        InboxEntry: {
            /** @description Its name in the inbox, a number. */
            entry: string;
            /** @description `pending` or `refused`. */
            state: string;
            /** @description `judged` in the call that wrote it, or `received` by SQL and not judged yet. */
            kind: string;
            source: string;
            id: string;
            type: string;
            subject: string | null;
            partitionKey: string;
            principal: string;
            /** Format: date-time */
            receivedAt: string;
            /** @description Why it was refused: a code of ours, or of the judge. */
            code: string | null;
            message: string | null;
            /** Format: date-time */
            refusedAt: string | null;
            /** @description CloudEvents JSON, as it was judged, or as it was received by SQL. */
            event: {
                [key: string]: unknown;
            };
        };
        Attempt: {
            number: number;
            /** @description `delivered`, `retry`, `release` or `refused`. */
            outcome: string;
            /** @description HTTP status or error code. */
            code: string | null;
            message: string | null;
            /** @description `connection`, `tls`, `timeout`, `protocol`, `authentication`, `throttled`, `answer`, `content`, `policy`, `ours`; null: it was delivered. */
            errorClass: string | null;
            /** @description What came back, at most 64 KiB; of what was delivered and is not recorded whole, 1 KiB. */
            response: string | null;
            /** @description What was sent, secrets masked; null of what was delivered, unless the subscription records all. */
            request: {
                method?: string;
                /** @description A URL without what its query says, `host:port` or a path. */
                target: string;
                headers?: {
                    [key: string]: string;
                };
                /** @description Of the body. */
                bytes?: number;
                /** @description SHA-256 of the body, base64url. */
                digest?: string;
            } | null;
            /** @description Milliseconds by phase: `queue`, `lookup`, `connect`, `tls`, `wait`, `receive`, or `send` as a whole. */
            timing: {
                [key: string]: number;
            } | null;
            /** Format: date-time */
            startedAt: string;
            /** Format: date-time */
            endedAt: string;
            milliseconds: number;
            node: string;
        };
        Task: {
            /** @description `<sequence>.<subscription>` */
            id: string;
            sequence: string;
            subscription: string;
            type: string;
            subject: string | null;
            superOwner: string | null;
            state: string;
            priority: string;
            /** @description The resource it waits for: another task works on it. */
            blockedBy: string | null;
            attempts: number;
            /** @description Attempts that count towards exhaustion. */
            failures: number;
            /**
             * Format: date-time
             * @description When it is tried next.
             */
            wakeAt: string | null;
            /** Format: date-time */
            expiresAt: string | null;
            leasedBy: string | null;
            /** Format: date-time */
            leasedUntil: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            endedAt: string | null;
            code: string | null;
            message: string | null;
            /**
             * Format: date-time
             * @description When a replay told the event again.
             */
            replayedAt: string | null;
        };
        TaskPage: {
            items: components["schemas"]["Task"][];
            next: string | null;
        };
        TaskWithAttempts: {
            /** @description `<sequence>.<subscription>` */
            id: string;
            sequence: string;
            subscription: string;
            type: string;
            subject: string | null;
            superOwner: string | null;
            state: string;
            priority: string;
            /** @description The resource it waits for: another task works on it. */
            blockedBy: string | null;
            attempts: number;
            /** @description Attempts that count towards exhaustion. */
            failures: number;
            /**
             * Format: date-time
             * @description When it is tried next.
             */
            wakeAt: string | null;
            /** Format: date-time */
            expiresAt: string | null;
            leasedBy: string | null;
            /** Format: date-time */
            leasedUntil: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            endedAt: string | null;
            code: string | null;
            message: string | null;
            /**
             * Format: date-time
             * @description When a replay told the event again.
             */
            replayedAt: string | null;
            history: components["schemas"]["Attempt"][];
        };
        TaskCounts: {
            /** @description How many by state; without those that have none. */
            states: {
                [key: string]: number;
            };
            /** @description due, waiting, leased or held */
            unprocessed: number;
            /** @description refused or exhausted */
            errors: number;
        };
        Transaction: {
            transactionId: string;
            events: number;
            /** @description No processor of its events is unfinished. */
            settled: boolean;
            /** @description How many by state; without those that have none. */
            processing: {
                [key: string]: number;
            };
            /** @description How many by state; without those that have none. */
            tasks: {
                [key: string]: number;
            };
            /** @description Work of processors that failed for good. */
            failed: number;
        };
        Leases: {
            leases: {
                /** @description Settle or release it by this. */
                lease: string;
                /** Format: date-time */
                leasedUntil: string;
                task: components["schemas"]["Task"];
                event: components["schemas"]["CloudEvent"];
                /** @description In the format that the subscription names; absent where it names none. */
                message?: {
                    headers: {
                        [key: string]: string;
                    };
                    body: string;
                };
            }[];
        };
        Settled: {
            settled: string[];
            lost: string[];
        };
        Released: {
            released: string[];
            lost: string[];
        };
        EventType: {
            name: string;
            title: string;
            version?: string;
            category: string;
            /** @description The native type this is a case of. */
            caseOf?: string;
            /** @description JSON Schema of `data`. */
            schema?: {
                [key: string]: unknown;
            };
            sensitive?: string[];
            defaults?: {
                [key: string]: unknown;
            };
            /** @description False: it refuses asynchronous processors. */
            asynchronous?: boolean;
            /** @description What it is about when its subject is not in the registry. */
            resourceType?: string;
            /** @description Parts of `data` in which events may differ and still be alike. */
            state?: string[];
            documentation?: string;
        };
        EventTypePage: {
            items: components["schemas"]["EventType"][];
            next: string | null;
        };
        ResourceType: {
            name: string;
            title?: string;
            /** @description Base types: who asks for one of them means this one too. */
            implements?: string[];
            version?: string;
            /** @description JSON Schema of `properties`. */
            schema?: {
                [key: string]: unknown;
            };
        };
        ResourceTypePage: {
            items: components["schemas"]["ResourceType"][];
            next: string | null;
        };
        Resource: {
            id: string;
            type: string;
            owner: string | null;
            status: string | null;
            revision: number;
            properties: {
                [key: string]: unknown;
            };
            links: {
                relation: string;
                from: string;
                to: string;
                strong: boolean;
            }[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** Format: date-time */
            removedAt: string | null;
        };
        ResourcePage: {
            items: components["schemas"]["Resource"][];
            next: string | null;
        };
        Import: {
            /** @description Its name. */
            import: string;
            /** @description `open`: it may go on, or `done`. */
            state: string;
            /** @description Nothing was written but how far it is. */
            dryRun: boolean;
            /** @description All lines up to this one are done. */
            line: number;
            created: number;
            changed: number;
            unchanged: number;
            /** @description Links begun. */
            links: number;
            /** @description Lines, and links of lines, that were not taken. */
            refused: number;
            /** @description Of this body: the first 1,000. */
            problems: {
                line: number;
                code: string;
                message: string;
                field: string | null;
                expected: string | null;
            }[];
            /** @description Of this body: further ones. */
            moreProblems: number;
        };
        ResourceChanged: {
            resource: components["schemas"]["Resource"] | null;
            receipts: components["schemas"]["Receipt"][];
        };
        SubscriptionInput: {
            name: string;
            types: string[];
            source?: {
                id?: string;
                type?: string;
            };
            relation?: string;
            filters?: unknown;
            notSelf?: boolean;
            format?: string;
            payload?: unknown;
            /** @enum {unknown} */
            redaction?: "none" | "sensitive";
            transport: string;
            target?: {
                [key: string]: unknown;
            };
            retry?: {
                attempts?: number;
                firstDelay?: number;
                maxDelay?: number;
                delays?: number[];
            };
            disableAfter?: number;
            /** @enum {unknown} */
            record?: "failures" | "all";
            timeout?: number;
            concurrency?: number;
            rate?: number;
            /** @enum {unknown} */
            delivery?: "tasks" | "log";
            /** @enum {unknown} */
            order?: "strict" | "latest" | "none";
            /** @enum {unknown} */
            duplicates?: "keep" | "remove";
            /** @description Events of a window in one message. */
            digest?: {
                /** @description Milliseconds the first event waits for others. */
                window: number;
                /** @description Events in one message at most. Default 100. */
                max?: number;
            };
            scope?: unknown;
            start?: unknown;
        };
        /** @description Members of SubscriptionInput; null removes one. */
        SubscriptionPatch: {
            [key: string]: unknown;
        };
        Subscription: {
            id: string;
            tenant: string;
            name: string;
            /** @description `active`, `paused`, `disabled` or `catching-up`. */
            state: string;
            /** @description Why it is disabled, or was paused by Tocsin itself. */
            reason: string | null;
            /** @description The key that owns it. */
            owner: string;
            types: string[];
            source?: {
                [key: string]: unknown;
            };
            relation?: string;
            filters: {
                [key: string]: unknown;
            }[];
            notSelf: boolean;
            format?: string;
            /** @description `full`, `thin`, or `{ cel }`. */
            payload: unknown;
            redaction: string;
            transport: string;
            /** @description Without its secrets. */
            target: {
                [key: string]: unknown;
            };
            hasSecret: boolean;
            retry: {
                attempts: number;
                firstDelay: number;
                maxDelay: number;
                delays?: number[];
            };
            disableAfter?: number;
            /** @description Events of a window in one message. */
            digest?: {
                window: number;
                max: number;
            };
            timeout: number;
            concurrency: number;
            rate?: number;
            /** @description `tasks`: a task for each event; `log`: it reads the log itself, in sequence. */
            delivery: string;
            order: string;
            /** @description `tenant`, or `{ resource }` in whose place it looks. */
            scope: unknown;
            /** @description `now`, `earliest`, a time or a sequence. */
            start: unknown;
            startSequence: string;
            /** @description How far it has got, while it catches up or where it reads the log. */
            cursor: string | null;
            revision: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        SubscriptionPage: {
            items: components["schemas"]["Subscription"][];
            next: string | null;
        };
        SubscriptionCreated: {
            id: string;
            tenant: string;
            name: string;
            /** @description `active`, `paused`, `disabled` or `catching-up`. */
            state: string;
            /** @description Why it is disabled, or was paused by Tocsin itself. */
            reason: string | null;
            /** @description The key that owns it. */
            owner: string;
            types: string[];
            source?: {
                [key: string]: unknown;
            };
            relation?: string;
            filters: {
                [key: string]: unknown;
            }[];
            notSelf: boolean;
            format?: string;
            /** @description `full`, `thin`, or `{ cel }`. */
            payload: unknown;
            redaction: string;
            transport: string;
            /** @description Without its secrets. */
            target: {
                [key: string]: unknown;
            };
            hasSecret: boolean;
            retry: {
                attempts: number;
                firstDelay: number;
                maxDelay: number;
                delays?: number[];
            };
            disableAfter?: number;
            /** @description Events of a window in one message. */
            digest?: {
                window: number;
                max: number;
            };
            timeout: number;
            concurrency: number;
            rate?: number;
            /** @description `tasks`: a task for each event; `log`: it reads the log itself, in sequence. */
            delivery: string;
            order: string;
            /** @description `tenant`, or `{ resource }` in whose place it looks. */
            scope: unknown;
            /** @description `now`, `earliest`, a time or a sequence. */
            start: unknown;
            startSequence: string;
            /** @description How far it has got, while it catches up or where it reads the log. */
            cursor: string | null;
            revision: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description What events are signed with (v1); shown this once. */
            secret?: string;
            /** @description What signatures by a key of ours (v1a) are checked with; shown this once. */
            publicKey?: string;
        };
        Secret: {
            /** @description What events are signed with (v1); shown this once. */
            secret?: string;
            /** @description What signatures by a key of ours (v1a) are checked with; shown this once. */
            publicKey?: string;
        };
        Explanation: {
            event: string;
            subscription: string;
            told: boolean;
            decisions: {
                step: string;
                passed: boolean;
                text: string;
            }[];
        };
        Preview: {
            items: {
                event: components["schemas"]["Event"];
                told: boolean;
                decisions: {
                    step: string;
                    passed: boolean;
                    text: string;
                }[];
            }[];
        };
        Count: {
            count: number;
        };
        Processor: {
            name: string;
            /** @description Who brought it; empty: nobody says. */
            module: string;
            /** @description `judge`, `witness` or `asynchronous`. */
            kind: string;
            description: string | null;
            /** @description Its name for people, by language tag. */
            titles: {
                [key: string]: string;
            };
            order: number;
            disableable: boolean;
            /** @description It may answer `close`. */
            closable: boolean;
            /** @description It has a further condition. */
            conditional: boolean;
            /** @description It votes on the priority of its events. */
            votes: boolean;
            /** @description Secrets are masked. */
            options: {
                [key: string]: unknown;
            };
            enabled: boolean;
            /** @description Empty: every type. */
            types: string[];
            /** @description Empty: whatever the event is about. */
            resourceTypes: string[];
            /** @description Event types it would hear but for their refusing asynchronous processors. */
            asynchronousRefused: string[];
            /** @description JSON Schema. */
            optionsSchema: {
                [key: string]: unknown;
            } | null;
            /** @description Milliseconds. */
            deadline: number;
            /** @description `reject` or `continue`. */
            onError: string;
            /** @description What was set at run time: it lies over configuration and code. */
            set: string[];
        };
        ProcessorPage: {
            items: components["schemas"]["Processor"][];
            next: string | null;
        };
        Overview: {
            /** @description Null: whatever the event is about. */
            resourceType: string | null;
            types: {
                /** @description An event type or a pattern; `*`: every type. */
                type: string;
                processors: {
                    name: string;
                    /** @description Who brought it; empty: nobody says. */
                    module: string;
                    /** @description `judge`, `witness` or `asynchronous`. */
                    kind: string;
                    description: string | null;
                    /** @description Its name for people, by language tag. */
                    titles: {
                        [key: string]: string;
                    };
                    order: number;
                    disableable: boolean;
                    /** @description It may answer `close`. */
                    closable: boolean;
                    /** @description It has a further condition. */
                    conditional: boolean;
                    /** @description It votes on the priority of its events. */
                    votes: boolean;
                    /** @description Secrets are masked. */
                    options: {
                        [key: string]: unknown;
                    };
                    /** @description `here`, or the profile whose system runs it itself. */
                    origin: string;
                    /** @description Null: of another system, nobody here knows. */
                    enabled: boolean | null;
                }[];
            }[];
        };
        OverviewPage: {
            items: components["schemas"]["Overview"][];
            next: string | null;
        };
        ProcessorFile: {
            /** @description Settings by the name of the processor. */
            processors: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
        };
        ProcessorChanges: {
            changes: {
                processor: string;
                /** @description False: no processor of that name is here (yet). */
                registered: boolean;
                before: {
                    [key: string]: unknown;
                };
                after: {
                    [key: string]: unknown;
                };
            }[];
        };
        Registration: {
            /** @description Whose configuration it is from, such as `fim-cm`. */
            system: string;
            /** @description From 1, in the order of the file. */
            position: number;
            class: string;
            /** @description As that system names it; null: every one. */
            event: string | null;
            /** @description Masked where it may hold a secret. */
            data: string | null;
            /** @description Under this name it runs. */
            processor: string;
            /** @description `witness` or `asynchronous`. */
            kind: string;
            /** @description `running`; `failed`: it could not be started, and fails at each of its events; `new`: of a dry run. */
            state: string;
            failure: string | null;
        };
        RegistrationPage: {
            items: components["schemas"]["Registration"][];
            next: string | null;
        };
        Processing: {
            /** @description False: the publisher waits for asynchronous processors too. */
            asynchronous: boolean;
            /** @description True: events are accepted, their asynchronous processors wait. */
            stopped: boolean;
        };
        Definitions: {
            /** @description Event types by name. */
            types?: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /** @description By name. */
            resourceTypes?: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /** @description Settings by name. */
            processors?: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /** @description By id, without secrets. */
            subscriptions?: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
        };
        DefinitionChanges: {
            types: {
                name: string;
                /** @description `add`, `change` or `remove`. */
                change: string;
                before: {
                    [key: string]: unknown;
                } | null;
                after: {
                    [key: string]: unknown;
                } | null;
                /** @description Where it is incompatible with what it was. */
                breaks: string | null;
                /** @description Subscriptions that hear what changes incompatibly, or goes. */
                affects: {
                    tenant: string;
                    id: string;
                    name: string;
                }[];
            }[];
            resourceTypes: {
                name: string;
                /** @description `add`, `change` or `remove`. */
                change: string;
                before: {
                    [key: string]: unknown;
                } | null;
                after: {
                    [key: string]: unknown;
                } | null;
                /** @description Where it is incompatible with what it was. */
                breaks: string | null;
                /** @description Subscriptions that hear what changes incompatibly, or goes. */
                affects: {
                    tenant: string;
                    id: string;
                    name: string;
                }[];
            }[];
            processors: {
                processor: string;
                registered: boolean;
                before: {
                    [key: string]: unknown;
                };
                after: {
                    [key: string]: unknown;
                };
            }[];
            subscriptions: {
                id: string;
                change: string;
                before: {
                    [key: string]: unknown;
                } | null;
                after: {
                    [key: string]: unknown;
                } | null;
            }[];
        };
        CaptureInput: {
            /** @description The source of the events. Default: /capture/NAME. */
            source?: string;
            connection: {
                host: string;
                /** @description Default: 5432. */
                port?: number;
                database: string;
                user: string;
                /** @description Kept sealed, never shown. */
                password?: string;
                /**
                 * @description `off` only in networks that the operator opened (`egress.allow`). Default: verify.
                 * @enum {unknown}
                 */
                tls?: "verify" | "off";
                /** @description PEM: the authority of its certificate. */
                ca?: string;
            };
            /**
             * @description Logical decoding, or triggers where the server refuses it. Default: auto.
             * @enum {unknown}
             */
            method?: "auto" | "logical" | "triggers";
            /** @description First the rows that are there become events, as inserts marked so. Default: false. */
            snapshot?: boolean;
            /**
             * @description When a change cannot become an event, or a judge rejects it: wait before it, or pass over it. Default: stop.
             * @enum {unknown}
             */
            refused?: "stop" | "skip";
            retain?: {
                /** @description MiB kept for us in the source: a warning. Default: 1024. */
                warn?: number;
                /** @description MiB kept for us in the source: capturing ends, so that its disk does not fill. Default: never. */
                stop?: number;
            };
            /** @description By schema and name: `public.person`. */
            tables: {
                [key: string]: {
                    /** @description The columns that name a row. Default: its primary key. */
                    key?: string[];
                    /** @description Those that events and expressions may see. Default: all. */
                    columns?: string[];
                    /** @description The whole row before a change is read too; logical decoding then needs REPLICA IDENTITY FULL. Default: true. */
                    before?: boolean;
                    /** @description Each that fits a change makes an event of it. */
                    events: {
                        /** @description The event type. */
                        type: string;
                        /** @description Of the rule, part of the events’ ids. Default: the type. */
                        name?: string;
                        /** @description For which changes; `rekey` is an update that changes the key. Default: insert, update, delete. */
                        on?: ("insert" | "update" | "delete" | "truncate" | "rekey")[];
                        /** @description CEL that yields true or false: the condition. */
                        when?: string;
                        /** @description CEL: the subject. Default: the key, its columns joined by `/`; none of a truncate. */
                        subject?: string;
                        /** @description CEL: the super owner, a resource id. */
                        superOwner?: string;
                        /** @description CEL: what must stay in order. Default: the subject. */
                        partitionKey?: string;
                        /** @description CEL: who did it. */
                        actor?: string;
                        /** @description CEL: a list of texts. */
                        tags?: string;
                        /** @enum {unknown} */
                        priority?: "immediate" | "high" | "normal";
                        /** @description CEL that yields a map: the data. Default: table, operation, key, before, after and changes. */
                        data?: string;
                    }[];
                };
            };
        };
        Capture: {
            name: string;
            tenant: string;
            source: string;
            /** @description `logical` or `triggers`. */
            method: string;
            /** @description `beginning`, `running`, `waiting`, `held` or `ended`. */
            state: string;
            /** @description Why it does not run. */
            code: string | null;
            message: string | null;
            field: string | null;
            /** @description Who last said how it is. */
            node: string | null;
            /** Format: date-time */
            at: string | null;
            /** @description Events since it began. */
            admitted: number;
            /** @description Changes that were passed over since it began. */
            skipped: number;
            backlog: {
                /** @description Bytes that the source keeps until they are read. */
                retained: number;
                /** @description Bytes that were not read yet. */
                unread: number;
                /** @description The slot, or the outbox, is there and whole. */
                present: boolean;
                /** @description Somebody reads it. */
                active: boolean;
            } | null;
            /** @description Changes of the tables’ columns that were noticed. */
            schema: {
                table: string;
                added: string[];
                removed: string[];
                /** Format: date-time */
                at: string;
            }[];
            /** Format: date-time */
            begunAt: string;
            /** @description As it was applied, without its password. */
            mapping: {
                [key: string]: unknown;
            };
            hasPassword: boolean;
        };
        CapturePage: {
            items: components["schemas"]["Capture"][];
            next: string | null;
        };
        CapturePlan: {
            method: string;
            /** @description Why not the other method; what is worth knowing. */
            notes: string[];
            /** @description In their order. */
            statements: {
                sql: string;
                why: string;
            }[];
        };
        CaptureCheck: {
            passed: boolean;
            findings: {
                name: string;
                passed: boolean;
                text: string;
            }[];
        };
        CaptureRemoved: {
            name: string;
            /** @description In their order. */
            statements: {
                sql: string;
                why: string;
            }[];
        };
        Audit: {
            number: number;
            /** Format: date-time */
            at: string;
            actor: string;
            action: string;
            object: string;
            detail: {
                [key: string]: unknown;
            };
        };
        Health: {
            /** @description `ok` or `unavailable`. */
            status: string;
            node: string;
            version: string;
            /** @description With its epoch and details when it answers. */
            store: {
                name: string;
                durable: boolean;
            } & {
                [key: string]: unknown;
            };
            /** @description Attempts under way in this process. */
            running: number;
        };
        Config: {
            config: {
                [key: string]: unknown;
            };
        };
        Node: {
            id: string;
            /** @description `ready`, `draining` or `lost`: not heard of for fifteen seconds. */
            state: string;
            version: string;
            host: string;
            pid: number;
            /** Format: date-time */
            startedAt: string;
            /** Format: date-time */
            heardAt: string;
            /** @description Attempts under way when it was heard of. */
            running: number;
            processors: string[];
        };
        Plugin: {
            /** @description Null: it never said its name. */
            name: string | null;
            /** @description `program`: in the box, or brought by the host; `configuration`: an entry of `plugins`. */
            origin: string;
            /** @description Such as `plugins[0]`. */
            entry: string | null;
            module: string | null;
            /** @description `running`, `broken`; isolated, after a crash: `starting`, or `waiting` for the next start. */
            state: string;
            /** @description Why it does not run, or why the one before could not be replaced and goes on. */
            error: {
                code: string;
                message: string;
            } | null;
            processors: string[];
            /** @description Null: it runs in the process of the server. */
            isolated: {
                pid: number | null;
                restarts: number;
                /** @description What ended its process last. */
                lastError: string | null;
            } | null;
            /** Format: date-time */
            loadedAt: string | null;
        };
        Partition: {
            /** @description `events`, `tasks` or `attempts`. */
            table: string;
            name: string;
            /** Format: date-time */
            from: string | null;
            /** Format: date-time */
            until: string | null;
            /** @description As PostgreSQL last counted. */
            rows: number;
            bytes: number;
            /** Format: date-time */
            droppedAt: string | null;
        };
        Transport: {
            name: string;
            title: string;
            /** @description What it can promise. */
            promise: string;
            /** @description JSON Schema of a target; `writeOnly` marks a secret. */
            target: {
                [key: string]: unknown;
            };
            defaultFormat: string;
            /** @description It can say several events in one message; with `format`, only as that writes them. */
            digest?: {
                format?: string;
            };
        };
        Key: {
            /** @description Of the kind `oauth1`: the consumer key; of `sigv4`: the access key id. */
            id: string;
            tenant: string;
            /** @description What it is shown by: `bearer`, `oauth1`, `sigv4` or `certificate`. */
            kind: string;
            name: string;
            roles: string[];
            scopes: string[];
            /** @description The one resource it speaks for. */
            resource: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
        };
        KeyCreated: {
            /** @description Of the kind `oauth1`: the consumer key; of `sigv4`: the access key id. */
            id: string;
            tenant: string;
            /** @description What it is shown by: `bearer`, `oauth1`, `sigv4` or `certificate`. */
            kind: string;
            name: string;
            roles: string[];
            scopes: string[];
            /** @description The one resource it speaks for. */
            resource: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description Of a bearer: the text to call with; shown this once. */
            key?: string;
            /** @description Of `oauth1`: what signs the calls; shown this once. */
            consumerSecret?: string;
            /** @description Of `sigv4`: what signs the calls; shown this once. */
            secretAccessKey?: string;
        };
        Session: {
            /** @description Of the key. */
            id: string;
            name: string;
            tenant: string;
            roles: string[];
            /** @description All it may, by its roles and what they were narrowed to. */
            scopes: string[];
            /** @description The one resource it speaks for. */
            resource: string | null;
            /** @description It sees every event of its tenant. */
            wholeTenant: boolean;
            /** @description It may act on every tenant (`Tocsin-Tenant`). */
            allTenants: boolean;
            /** @description When the session ends; null: a key was shown. */
            until: string | null;
        };
        Tenant: {
            id: string;
            name: string;
            /** @description Accepts event types that are not in the catalogue. */
            openTypes: boolean;
            /** @description None of its keys is accepted. */
            disabled: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            disabledAt: string | null;
        };
        KeyPage: {
            items: components["schemas"]["Key"][];
            next: string | null;
        };
        TenantPage: {
            items: components["schemas"]["Tenant"][];
            next: string | null;
        };
        AuditPage: {
            items: components["schemas"]["Audit"][];
            next: string | null;
        };
        TransportPage: {
            items: components["schemas"]["Transport"][];
            next: string | null;
        };
        NodePage: {
            items: components["schemas"]["Node"][];
            next: string | null;
        };
        PluginPage: {
            items: components["schemas"]["Plugin"][];
            next: string | null;
        };
        PartitionPage: {
            items: components["schemas"]["Partition"][];
            next: string | null;
        };
        ProblemType: {
            type: string;
            code: string;
            title: string;
            status: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listEvents: {
        parameters: {
            query?: {
                /** @description Event types. */
                type?: string | string[];
                /** @description The resource it is about. */
                subject?: string;
                /** @description The system it happened in. */
                source?: string;
                /** @description one or more of admitted, addressed, closed, suspended, refused */
                state?: ("admitted" | "addressed" | "closed" | "suspended" | "refused") | ("admitted" | "addressed" | "closed" | "suspended" | "refused")[];
                /** @description The transaction id. */
                transaction?: string;
                /** @description The id of the parent event. */
                parent?: string;
                /** @description The id of the root event. */
                root?: string;
                /** @description Received at or after this time, RFC 3339. */
                from?: string;
                /** @description Received before this time, RFC 3339. */
                till?: string;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    publishEvents: {
        parameters: {
            query?: {
                /** @description Only judges and asynchronous processors of a higher order run. Operators and administrators only. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/cloudevents+json": components["schemas"]["CloudEvent"];
                "application/cloudevents-batch+json": components["schemas"]["CloudEvent"][];
                "application/json": unknown;
                "application/x-ndjson": unknown;
            };
        };
        responses: {
            /** @description It was already here; nothing was done again. The receipt shows its present state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            /** @description It is kept, and everyone who must know will be told. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            /** @description Each event has a result of its own, in the order given. */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResult"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    translateMessage: {
        parameters: {
            query?: {
                /** @description Where the message came from, for systems whose messages do not say. */
                source?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description The message as that system writes it, as JSON. */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Each event has a result of its own, in the order given. */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResult"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tailEvents: {
        parameters: {
            query?: {
                /** @description Event types. */
                type?: string | string[];
                /** @description digits: the sequence after which to start. `Last-Event-ID` goes before it. */
                after?: string;
            };
            header?: {
                /** @description The id of the last message that was read. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream; the id of each message is the event’s sequence, its data the event as CloudEvents JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEvent: {
        parameters: {
            query?: {
                /** @description The source, where several used the same id. */
                source?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTimeline: {
        parameters: {
            query?: {
                /** @description The source, where several used the same id. */
                source?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The timeline. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTree: {
        parameters: {
            query?: {
                /** @description The source, where several used the same id. */
                source?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tree. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventTree"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeEvent: {
        parameters: {
            query?: {
                /** @description The source, where several used the same id. */
                source?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The receipt. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    eraseSubject: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Whose: the subject or super owner of events. */
                    subject: string;
                    /** @description Only count. */
                    dryRun?: boolean;
                    /** @description Default true: a SQLite file is rewritten, so that no free page holds it; writing waits. */
                    compact?: boolean;
                };
            };
        };
        responses: {
            /** @description What was, or would be, erased. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erased"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listInbox: {
        parameters: {
            query?: {
                /** @description one or more of pending, refused */
                state?: ("pending" | "refused") | ("pending" | "refused")[];
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInboxEntry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name in the inbox, a number. */
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entry. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxEntry"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    dropInboxEntry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name in the inbox, a number. */
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Dropped. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryInboxEntry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its name in the inbox, a number. */
                entry: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entry. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inbox"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventTypePage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventType"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listResourceTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceTypePage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResourceType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceType"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTransports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransportPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listResources: {
        parameters: {
            query?: {
                /** @description Resource types. */
                type?: string | string[];
                /** @description The owner’s id. */
                owner?: string;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourcePage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createResource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    id: string;
                    /** @description Such as `device`, `credential`, `user`. */
                    type: string;
                    /** @description The resource that owns it. */
                    owner?: string | null;
                    /** @description Such as `active` or `suspended`. */
                    status?: string | null;
                    properties?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description A processor keeps it back: the receipt says how. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The resource; its ETag is its revision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resource"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed; its last state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The resource that owns it. */
                    owner?: string | null;
                    /** @description Such as `active` or `suspended`. */
                    status?: string | null;
                    /** @description A JSON Merge Patch (RFC 7396): null removes. */
                    properties?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    linkResources: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
                relation: string;
                to: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The resource it leads to cannot be removed while the link holds. */
                    strong?: boolean;
                } | null;
            };
        };
        responses: {
            /** @description Linked; the resource it starts from. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlinkResources: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
                relation: string;
                to: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended; the resource it started from. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importResources: {
        parameters: {
            query?: {
                /** @description Names the import, so that it can go on later: 1 to 64 letters, digits or any of _ . - */
                import?: string;
                /** @description The body begins after this line. Absent: with line 1, and what is done already is passed over. */
                after?: string;
                /** @description More comes in another request: links to what is not there yet go on waiting. One of true, false. */
                more?: "true" | "false";
                /** @description Stop before the first line that is wrong. One of true, false. */
                strict?: "true" | "false";
                /** @description Only tell what would come of it. One of true, false. */
                dryRun?: "true" | "false";
                /** @description Each line is a change: judged, and told to subscribers. Default false: nobody is told. One of true, false. */
                events?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": unknown;
            };
        };
        responses: {
            /** @description How far it is, and which lines were wrong. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    bindToDomain: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    domain: string;
                    /** @description The subscription of the domain. */
                    childId?: string;
                };
            };
        };
        responses: {
            /** @description Told to whoever wants to know. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeLimits: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A JSON Merge Patch (RFC 7396) of `properties.limits`. */
                    limits: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renewSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    period: number;
                    /** @description The unit of the period, such as `month`. */
                    periodType: string;
                    /** Format: date-time */
                    startDate?: string;
                    /** Format: date-time */
                    expirationDate?: string;
                };
            };
        };
        responses: {
            /** @description Told to whoever wants to know. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceChanged"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSubscriptions: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriptionInput"];
            };
        };
        responses: {
            /** @description Created. A signing secret, if there is one, is shown this once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionCreated"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription; its ETag is its revision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the object as it was read; another revision is refused. */
                "if-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriptionPatch"];
            };
        };
        responses: {
            /** @description Changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Who wants which events, as in SubscriptionInput. */
        requestBody: {
            content: {
                "application/json": {
                    types: string[];
                    source?: {
                        id?: string;
                        type?: string;
                    };
                    relation?: string;
                    filters?: unknown;
                    notSelf?: boolean;
                    /** @enum {unknown} */
                    redaction?: "none" | "sensitive";
                    scope?: unknown;
                    /** @description how many events, 1 to 100, default 50 */
                    limit?: number;
                };
            };
        };
        responses: {
            /** @description Newest first, each with every decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The attempt. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attempt"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Milliseconds the old one also signs; default a day. */
                    overlap?: number;
                } | null;
            };
        };
        responses: {
            /** @description The secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Secret"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaySubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A sequence as a number or digits, or a time (RFC 3339). */
                    from?: number | string;
                    /** @description A sequence as a number or digits, or a time (RFC 3339). */
                    to?: number | string;
                    types?: string[];
                    /** @description Only what these let pass too: the dialects of a subscription’s filters. */
                    filters?: {
                        [key: string]: unknown;
                    }[];
                    /** @description Only count. */
                    dryRun?: boolean;
                };
            };
        };
        responses: {
            /** @description How many events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    seekSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Where it goes on: `earliest`, `now`, a time (RFC 3339) or a sequence, both inclusive. */
                    to: number | string;
                };
            };
        };
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainSubscription: {
        parameters: {
            query: {
                /** @description The event’s id. */
                event: string;
                /** @description Its source, where several used the same id. */
                source?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each decision, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    leaseTasks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description at most this many, 1 to 1000 */
                    limit?: number;
                    /** @description for so long, 1 to 43200 seconds */
                    seconds?: number;
                } | null;
            };
        };
        responses: {
            /** @description What was taken. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Leases"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    settleLeases: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    leases: string[];
                };
            };
        };
        responses: {
            /** @description What was settled, and which leases were no longer held. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settled"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    releaseLeases: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    leases: string[];
                    /** @description milliseconds until it may be leased again */
                    after?: number;
                };
            };
        };
        responses: {
            /** @description What was released, and which leases were no longer held. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Released"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description The subscription’s id; `local.processors` is the asynchronous processors. */
                subscription?: string;
                /** @description The resource the event is about; with `subjectType` its code will do. */
                subject?: string;
                /** @description The type of the resource the event is about; a base type means all that implement it. */
                subjectType?: string;
                /** @description The super owner of the event. */
                superOwner?: string;
                /** @description The id of the root event. */
                root?: string;
                /** @description The id of the parent event. */
                parent?: string;
                /** @description The transaction id. */
                transaction?: string;
                /** @description Created at or after this time, RFC 3339. */
                from?: string;
                /** @description Created before this time, RFC 3339. */
                till?: string;
                /** @description Part of the event’s id, source, type or subject. */
                text?: string;
                /** @description digits: the event’s sequence */
                event?: string;
                /** @description one or more of due, waiting, leased, done, refused, exhausted, not-executed, held, cancelled */
                state?: ("due" | "waiting" | "leased" | "done" | "refused" | "exhausted" | "not-executed" | "held" | "cancelled") | ("due" | "waiting" | "leased" | "done" | "refused" | "exhausted" | "not-executed" | "held" | "cancelled")[];
                /** @description Event types. */
                type?: string | string[];
                /** @description one or more of immediate, high, normal */
                priority?: ("immediate" | "high" | "normal") | ("immediate" | "high" | "normal")[];
                /** @description Result codes. */
                code?: string | string[];
                /** @description Only the hub’s own processing (true), or only subscriptions (false). One of true, false. */
                local?: "true" | "false";
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeAllTasks: {
        parameters: {
            query?: {
                /** @description Only count. One of true, false. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many tasks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countTasks: {
        parameters: {
            query?: {
                /** @description The subscription’s id; `local.processors` is the asynchronous processors. */
                subscription?: string;
                /** @description The resource the event is about; with `subjectType` its code will do. */
                subject?: string;
                /** @description The type of the resource the event is about; a base type means all that implement it. */
                subjectType?: string;
                /** @description The super owner of the event. */
                superOwner?: string;
                /** @description The id of the root event. */
                root?: string;
                /** @description The id of the parent event. */
                parent?: string;
                /** @description The transaction id. */
                transaction?: string;
                /** @description Created at or after this time, RFC 3339. */
                from?: string;
                /** @description Created before this time, RFC 3339. */
                till?: string;
                /** @description Part of the event’s id, source, type or subject. */
                text?: string;
                /** @description digits: the event’s sequence */
                event?: string;
                /** @description one or more of due, waiting, leased, done, refused, exhausted, not-executed, held, cancelled */
                state?: ("due" | "waiting" | "leased" | "done" | "refused" | "exhausted" | "not-executed" | "held" | "cancelled") | ("due" | "waiting" | "leased" | "done" | "refused" | "exhausted" | "not-executed" | "held" | "cancelled")[];
                /** @description Event types. */
                type?: string | string[];
                /** @description one or more of immediate, high, normal */
                priority?: ("immediate" | "high" | "normal") | ("immediate" | "high" | "normal")[];
                /** @description Result codes. */
                code?: string | string[];
                /** @description Only the hub’s own processing (true), or only subscriptions (false). One of true, false. */
                local?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCounts"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `<sequence>.<subscription>` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskWithAttempts"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `<sequence>.<subscription>` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many tasks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `<sequence>.<subscription>` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `<sequence>.<subscription>` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prioritiseTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `<sequence>.<subscription>` */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description one of immediate, high, normal
                     * @enum {unknown}
                     */
                    priority: "immediate" | "high" | "normal";
                };
            };
        };
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redriveTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The subscription’s id; `local.processors` is the asynchronous processors. */
                    subscription?: string;
                    /** @description The resource the event is about; with `subjectType` its code will do. */
                    subject?: string;
                    /** @description The type of the resource the event is about; a base type means all that implement it. */
                    subjectType?: string;
                    /** @description The super owner of the event. */
                    superOwner?: string;
                    /** @description The id of the root event. */
                    root?: string;
                    /** @description The id of the parent event. */
                    parent?: string;
                    /** @description The transaction id. */
                    transaction?: string;
                    /** @description Created at or after this time, RFC 3339. */
                    from?: string;
                    /** @description Created before this time, RFC 3339. */
                    till?: string;
                    /** @description Part of the event’s id, source, type or subject. */
                    text?: string;
                    /** @description the event’s sequence */
                    event?: number | string;
                    /** @description some of due, waiting, leased, done, refused, exhausted, not-executed, held, cancelled */
                    states?: ("due" | "waiting" | "leased" | "done" | "refused" | "exhausted" | "not-executed" | "held" | "cancelled")[];
                    /** @description Event types. */
                    types?: string[];
                    /** @description some of immediate, high, normal */
                    priorities?: ("immediate" | "high" | "normal")[];
                    /** @description Result codes. */
                    codes?: string[];
                    /** @description Only the hub’s own processing (true), or only subscriptions (false). */
                    local?: boolean;
                    /** @description Only count. */
                    dryRun?: boolean;
                };
            };
        };
        responses: {
            /** @description How many tasks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description one of retry, cancel, delete, priority
                     * @enum {unknown}
                     */
                    action: "retry" | "cancel" | "delete" | "priority";
                    /**
                     * @description with the action priority, one of immediate, high, normal
                     * @enum {unknown}
                     */
                    priority?: "immediate" | "high" | "normal";
                    /** @description Which tasks; {} is all of them. */
                    filter?: {
                        /** @description The subscription’s id; `local.processors` is the asynchronous processors. */
                        subscription?: string;
                        /** @description The resource the event is about; with `subjectType` its code will do. */
                        subject?: string;
                        /** @description The type of the resource the event is about; a base type means all that implement it. */
                        subjectType?: string;
                        /** @description The super owner of the event. */
                        superOwner?: string;
                        /** @description The id of the root event. */
                        root?: string;
                        /** @description The id of the parent event. */
                        parent?: string;
                        /** @description The transaction id. */
                        transaction?: string;
                        /** @description Created at or after this time, RFC 3339. */
                        from?: string;
                        /** @description Created before this time, RFC 3339. */
                        till?: string;
                        /** @description Part of the event’s id, source, type or subject. */
                        text?: string;
                        /** @description the event’s sequence */
                        event?: number | string;
                        /** @description some of due, waiting, leased, done, refused, exhausted, not-executed, held, cancelled */
                        states?: ("due" | "waiting" | "leased" | "done" | "refused" | "exhausted" | "not-executed" | "held" | "cancelled")[];
                        /** @description Event types. */
                        types?: string[];
                        /** @description some of immediate, high, normal */
                        priorities?: ("immediate" | "high" | "normal")[];
                        /** @description Result codes. */
                        codes?: string[];
                        /** @description Only the hub’s own processing (true), or only subscriptions (false). */
                        local?: boolean;
                    };
                    /** @description instead of a filter, 1 to 1000 ids of tasks */
                    ids?: string[];
                    /** @description Only count. */
                    dryRun?: boolean;
                };
            };
        };
        responses: {
            /** @description How many tasks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTransaction: {
        parameters: {
            query?: {
                /** @description seconds from 0 to 60: it is answered when no processor is unfinished, at the latest then; default 0 */
                wait?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its events and tasks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProcessors: {
        parameters: {
            query?: {
                /** @description Exactly this name. */
                name?: string;
                /** @description Exactly this module. */
                module?: string;
                /** @description one of judge, witness, asynchronous */
                kind?: "judge" | "witness" | "asynchronous";
                /** @description Part of its description. */
                description?: string;
                /** @description Event types; it must hear all of them. */
                type?: string | string[];
                /** @description Exactly this resource type is among those it names. */
                resourceType?: string;
                /** @description One of the resource types it names is this one or implements it; * is any. */
                implements?: string;
                /** @description Part of its name, its titles or its description. */
                text?: string;
                /** @description Whether it runs. One of true, false. */
                enabled?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessorPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    overviewProcessors: {
        parameters: {
            query?: {
                /** @description Exactly this name. */
                name?: string;
                /** @description Exactly this module. */
                module?: string;
                /** @description one of judge, witness, asynchronous */
                kind?: "judge" | "witness" | "asynchronous";
                /** @description Part of its description. */
                description?: string;
                /** @description Event types; it must hear all of them. */
                type?: string | string[];
                /** @description Exactly this resource type is among those it names. */
                resourceType?: string;
                /** @description One of the resource types it names is this one or implements it; * is any. */
                implements?: string;
                /** @description Part of its name, its titles or its description. */
                text?: string;
                /** @description Whether it runs. One of true, false. */
                enabled?: "true" | "false";
                /** @description `here`, or a profile such as `czechidm`. */
                origin?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverviewPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProcessor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The processor. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processor"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    configureProcessor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description true, false or null */
                    enabled?: boolean | null;
                    /** @description its place, ascending, -2147483647 to 2147483647 */
                    order?: number | null;
                    /** @description the event types it runs on */
                    types?: string[] | null;
                    /** @description laid over its own; a secret given back masked stays what it is */
                    options?: {
                        [key: string]: unknown;
                    } | null;
                };
            };
        };
        responses: {
            /** @description The processor. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processor"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportProcessors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file; secrets are masked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessorFile"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applyProcessors: {
        parameters: {
            query?: {
                /** @description What the file does not name goes back to configuration and code. One of true, false. */
                prune?: "true" | "false";
                /** @description Only tell. One of true, false. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `{ processors: { NAME: { enabled?, order?, types?, options? } } }`, as it is written out. */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessorChanges"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    diffProcessors: {
        parameters: {
            query?: {
                /** @description What the file does not name goes back to configuration and code. One of true, false. */
                prune?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `{ processors: { NAME: { enabled?, order?, types?, options? } } }`, as it is written out. */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessorChanges"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProcessing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The switches. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processing"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setProcessing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description False: the publisher waits for asynchronous processors too. */
                    asynchronous?: boolean;
                    /** @description True: events are accepted, their asynchronous processors wait. */
                    stopped?: boolean;
                };
            };
        };
        responses: {
            /** @description The switches. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processing"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPlugins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reloadPlugins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description plug-ins that are loaded anew even if neither entry nor file changed */
                    names?: string[];
                } | null;
            };
        };
        responses: {
            /** @description All plug-ins, as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRegistrations: {
        parameters: {
            query?: {
                /** @description Only of this one, such as `fim-cm`. */
                system?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceRegistrations: {
        parameters: {
            query?: {
                /** @description Only tell what would become of them. One of true, false. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path: {
                system: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description In the order in which they are called. */
                    registrations: {
                        /** @description The class, as that system’s file names it. */
                        class: string;
                        /** @description The event, as that system names it; absent: every one. */
                        event?: string;
                        /** @description Handed to the instance when it is made. Kept sealed. */
                        data?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description What became of each. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listCaptures: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of the tenant, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CapturePage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a-z, 0-9 and _; at most 40. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The capture, without its password. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Capture"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applyCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a-z, 0-9 and _; at most 40. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CaptureInput"];
            };
        };
        responses: {
            /** @description The capture. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Capture"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeCapture: {
        parameters: {
            query?: {
                /** @description Also when the source does not answer, and keeps what is of ours. One of true, false. */
                forget?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description a-z, 0-9 and _; at most 40. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done in the source. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaptureRemoved"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    planCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a-z, 0-9 and _; at most 40. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CaptureInput"];
            };
        };
        responses: {
            /** @description The method, and the statements in their order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CapturePlan"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a-z, 0-9 and _; at most 40. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaptureCheck"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportDefinitions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, without secrets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Definitions"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applyDefinitions: {
        parameters: {
            query?: {
                /** @description What a section of the file does not name goes; sections it does not have are left alone. One of true, false. */
                prune?: "true" | "false";
                /** @description Only tell. One of true, false. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `{ types?, resourceTypes?, processors?, subscriptions? }`, each by name or id, as it is written out. */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionChanges"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    diffDefinitions: {
        parameters: {
            query?: {
                /** @description What a section of the file does not name goes; sections it does not have are left alone. One of true, false. */
                prune?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description `{ types?, resourceTypes?, processors?, subscriptions? }`, each by name or id, as it is written out. */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionChanges"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @description some of operator, admin, publisher, subscriber, reader */
                    roles: ("operator" | "admin" | "publisher" | "subscriber" | "reader")[];
                    /** @description Narrows what the roles allow. */
                    scopes?: ("events:publish" | "events:read" | "events:erase" | "types:read" | "types:write" | "resources:read" | "resources:write" | "subscriptions:read" | "subscriptions:write" | "tasks:read" | "tasks:write" | "processors:read" | "processors:write" | "keys:read" | "keys:write" | "tenants:read" | "tenants:write" | "audit:read" | "metrics:read")[];
                    /** @description The one resource it speaks for; a subscriber needs one. */
                    resource?: string | null;
                    /** @description Another tenant than one’s own; for operators. */
                    tenant?: string;
                    /** @description RFC 3339, in the future. */
                    expiresAt?: string | null;
                    /**
                     * @description One of bearer, oauth1, sigv4, certificate: what it is shown by. Default bearer.
                     * @enum {unknown}
                     */
                    kind?: "bearer" | "oauth1" | "sigv4" | "certificate";
                    /** @description Of the kind certificate: that of the TLS client, in PEM. The key ends with it. */
                    certificate?: string;
                };
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyCreated"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By a key, or by the session that stands for one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description a bearer key of Tocsin */
                    key: string;
                };
            };
        };
        responses: {
            /** @description Signed in. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTenants: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    id: string;
                    name: string;
                    /** @description Accepts event types that are not in the catalogue. */
                    openTypes?: boolean;
                };
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    /** @description Accepts event types that are not in the catalogue. */
                    openTypes?: boolean;
                    /** @description Its keys stop working. */
                    disabled?: boolean;
                };
            };
        };
        responses: {
            /** @description The tenant. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description a number from 1 to 1000, default 100 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    isAlive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    };
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    };
                };
            };
            /** @description Default Response */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    };
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The health. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConfig: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Secrets are masked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodePage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPartitions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, on one page; none on SQLite. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PartitionPage"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The problem type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemType"];
                };
            };
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uwListTopics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uwListConsumers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                topic: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uwSubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                topic: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uwTest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                topic: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsListResources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsCreateResource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsGetResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsConfigureResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsRemoveResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsListSubscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsSubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsGetSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                subscription: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsUnsubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                subscription: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsListLinked: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                relation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                relation: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apsUnlink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                relation: string;
                to: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsCall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsQueueGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account: string;
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsQueueCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account: string;
                queue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsSnsLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsSnsCertificate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsListQueues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsListTopics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsBindTopic: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    awsUnbindTopic: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The request was refused. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server failed. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
