using System.Text;
using Amp.Mcp;

namespace Amp;

/// <summary>
/// The options of a run. All are optional; for those that are not set, the defaults of the CLI and the user settings apply. The object is
/// only read and never changed, and can be used for any number of runs.
/// </summary>
public sealed record AmpOptions : CliOptions
{
    /// <summary>Creates the options of a run, which has no time limit by default.</summary>
    public AmpOptions() => Timeout = null;

    /// <summary>The default maximum length of a line of output: 64 MiB.</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    /// <summary>The agent mode. The available modes depend on the CLI (see <see cref="CliCapabilities.Modes"/>).</summary>
    public string? Mode { get; init; }

    /// <summary>The thread to continue, as an ID (<c>T-</c> and a UUID) or URL.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Continues the thread that the CLI used last, which may belong to another program of the same user.</summary>
    public bool ContinueLatestThread { get; init; }

    /// <summary>
    /// Allows every tool call without asking. Calls that a rule of the call, the user or the workspace rejects are still rejected.
    /// </summary>
    public bool DangerouslyAllowAll { get; init; }

    /// <summary>Includes the model's thinking in the messages (CLIs of 2026-01-26 or later).</summary>
    public bool IncludeThinking { get; init; }

    /// <summary>Who can see a new thread. By default, nothing is passed to the CLI, so the user's own setting applies.</summary>
    public string? Visibility { get; init; }

    /// <summary>
    /// Archives the thread after its run. By default, it is not archived, so that it can be continued. CLIs of July 2026 and later do not archive a
    /// thread that they continue, and refuse the option. It cannot be used with <see cref="RetryLimit"/>, because a retry continues the thread. <see cref="AmpSession.EndAsync"/> archives the thread of a session.
    /// </summary>
    public bool Archive { get; init; }

    /// <summary>The title of a new thread (CLIs of September 2026 or later).</summary>
    public string? Title { get; init; }

    /// <summary>
    /// Images that the prompt is about, at most 4. Only for a run with a prompt; the messages of a conversation have their own images
    /// (<see cref="UserInputMessage.Images"/>). Requires a CLI of March 2026 or later: 0.0.1774310664 was seen to
    /// accept images, and 0.0.1769425000 does not; builds up to 0.0.1771243550 are refused.
    /// </summary>
    public IReadOnlyList<InputImage>? Images { get; init; }

    /// <summary>Labels of the thread: at most 20, each of letters, digits and hyphens.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Features of the thread, such as <c>fast</c> (CLIs of September 2026 or later).</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>
    /// The place where a new thread runs: <c>local</c>, <c>orb</c> or <c>runner:ID</c> (CLIs of September 2026 or later).
    /// </summary>
    public string? Executor { get; init; }

    /// <summary>Rules for tools. They come before those of the user settings, but cannot allow what the user's rules reject.</summary>
    public IReadOnlyList<AmpPermission>? Permissions { get; init; }

    /// <summary>
    /// Decides about tool calls while the agent waits: calls with an Ask rule (<see cref="PermissionAction.Ask"/>), and calls without a
    /// matching rule of the call, the user or the workspace that do more than read. Everything except <see cref="ApprovalDecision.Allow"/>
    /// rejects the call: an exception, null, a time limit, a broken channel. The token is canceled when the decision is no longer
    /// required. The function can be called several times at once, on any thread. Not supported on Windows yet, except for a CLI on another machine.
    /// </summary>
    public Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>>? Approval { get; init; }

    /// <summary>The time limit for a decision of <see cref="Approval"/>, after which the call is rejected; null for no limit.</summary>
    public TimeSpan? ApprovalTimeout { get; init; }

    /// <summary>
    /// MCP servers for this run, in addition to those in the user settings. A disabled server excludes the user's server of the same name.
    /// </summary>
    public IReadOnlyList<McpServer>? McpServers { get; init; }

    /// <summary>MCP servers as JSON text or as the path of a JSON file, in the format of the CLI's <c>--mcp-config</c>.</summary>
    public string? McpConfig { get; init; }

    /// <summary>
    /// Tools of this process that the agent can call. They are offered as <c>mcp__SERVER__TOOL</c>. Rejects of the call, the user or the
    /// workspace apply to them.
    /// </summary>
    public IReadOnlyList<AmpTool>? Tools { get; init; }

    /// <summary>The name of the server that offers <see cref="Tools"/>. The default is <c>sdk</c>.</summary>
    public string ToolServerName { get; init; } = "sdk";

    /// <summary>
    /// The time limit for a call of one of <see cref="Tools"/>, after which it is canceled; null for no limit. The CLI waits for the same
    /// time, unless the user settings contain <c>amp.tools.stopTimeout</c>; its own limit is 300 seconds.
    /// </summary>
    public TimeSpan? ToolTimeout { get; init; }

    /// <summary>
    /// A folder of toolbox executables. Their tools are named <c>tb__NAME</c> on every CLI. CLIs of July 2026 or later do not support
    /// toolboxes; for them, this library describes, offers and runs the executables. It does so on this machine for every CLI on another one.
    /// </summary>
    public string? Toolbox { get; init; }

    /// <summary>
    /// The time limit for a call of a tool in <see cref="Toolbox"/>, if this library runs it. The default is 300 seconds; zero for no
    /// limit. Earlier CLIs have their own limit: 300 seconds, or <c>amp.tools.stopTimeout</c> of the user settings.
    /// </summary>
    public TimeSpan? ToolboxTimeout { get; init; }

    /// <summary>A folder of skills, in addition to those in the user settings.</summary>
    public string? Skills { get; init; }

    /// <summary>Text to add after the CLI's own system prompt, on CLIs that pass it on (2026-01-26 to 2026-02-16).</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>
    /// The tools that the model can use, as names or glob patterns; null for all. An empty list means no tools. A run is refused if the settings of
    /// the project may enable others.
    /// </summary>
    public IReadOnlyList<string>? EnabledTools { get; init; }

    /// <summary>The log level of the CLI: <c>error</c>, <c>warn</c>, <c>info</c>, <c>debug</c>, <c>audit</c>.</summary>
    public string? LogLevel { get; init; }

    /// <summary>The log file of the CLI.</summary>
    public string? LogFile { get; init; }

    /// <summary>Prevents the CLI from connecting to an editor; true by default.</summary>
    public bool NoIde { get; init; } = true;

    /// <summary>Prevents the CLI from connecting to a JetBrains editor; true by default.</summary>
    public bool NoJetBrains { get; init; } = true;

    /// <summary>Prevents the CLI from playing sounds; true by default.</summary>
    public bool NoNotifications { get; init; } = true;

    /// <summary>
    /// Removes color codes from the output of the CLI; true by default. If it is false, the color variables of this process
    /// (<c>NO_COLOR</c>, <c>FORCE_COLOR</c>) are passed to the CLI unchanged.
    /// </summary>
    public bool NoColor { get; init; } = true;

    /// <summary>
    /// Arguments that this library does not support yet, each as a whole: <c>--option=value</c>. Arguments that would break the stream of
    /// messages or put a secret into the list of processes are refused.
    /// </summary>
    public IReadOnlyList<string>? ExtraArguments { get; init; }

    /// <summary>
    /// The schema of the answer. The agent passes its answer to a tool of the run, which checks it and tells the agent what does not match.
    /// After a turn without an answer, the agent gets one reminder in the same thread. <see cref="ResultMessage.Output"/> is the answer; a
    /// run without one ends with an error. In a session, the schema applies to each turn, and the message that ends the turn contains the
    /// answer. A user's rule that rejects <c>mcp__amp_output__submit</c> still applies.
    /// </summary>
    public OutputSchema? OutputSchema { get; init; }

    /// <summary>
    /// The number of answers that do not match <see cref="OutputSchema"/> and that the agent can correct. The default is 3. The next one
    /// ends the run.
    /// </summary>
    public int OutputRetryLimit { get; init; } = 3;

    /// <summary>
    /// Verifies the work when the agent reports that it is done. If the verification fails, the agent gets the findings in the same thread
    /// and continues, up to <see cref="VerifyLimit"/> verifications. An exception is a failure, and the agent gets its message. The time
    /// limits of the run still apply, but silence during the verification does not count. Only for runs; verify a session between its
    /// turns.
    /// </summary>
    public Func<VerificationRequest, CancellationToken, Task<AmpVerification>>? Verify { get; init; }

    /// <summary>The maximum number of verifications. The default is 3.</summary>
    public int VerifyLimit { get; init; } = 3;

    /// <summary>The time limit for a verification; null for no limit. If it is exceeded, the run ends.</summary>
    public TimeSpan? VerifyTimeout { get; init; }

    /// <summary>
    /// Files and folders, with everything in them, that the agent must not change, such as the tests that verify its work. If they change,
    /// the verification fails, and the agent gets a message about it. Files that only the verification creates there are not a change.
    /// </summary>
    public IReadOnlyList<string>? VerifyPaths { get; init; }

    /// <summary>
    /// The number of retries for a run that the service could not serve. The default is 0. After
    /// <see cref="AmpErrorId.ServiceUnreachable"/>, <see cref="AmpErrorId.Throttled"/> and <see cref="AmpErrorId.Overloaded"/>, the run
    /// continues its thread after a time that increases with each retry, or that the service requests if that is at most a day. A run is not
    /// retried after a tool call that may have changed something, unless <see cref="RetryAfterChange"/> is set, never when a quota is
    /// exceeded, and only within <see cref="CliOptions.Timeout"/>. The result counts all tries. A conversation is not
    /// retried; in a session, send the message again.
    /// </summary>
    public int RetryLimit { get; init; }

    /// <summary>Allows a retry after a tool call that may have changed something. The agent can see in its thread what it did.</summary>
    public bool RetryAfterChange { get; init; }

    /// <summary>
    /// Keeps the state of the working folder before the run and at its end, with Git, which must be installed:
    /// <see cref="ResultMessage.Changes"/> then contains all differences, whoever made them, and <see cref="CheckpointClient"/> can
    /// restore the previous state. Tracked and untracked files are kept, ignored files are not. The result is returned when the run has
    /// ended. In a session, each process of the session has a checkpoint. See <see cref="AmpCheckpoint"/>.
    /// </summary>
    public bool Checkpoint { get; init; }

    /// <summary>Throws an error if a tool was denied during the run, although the CLI reports it as successful.</summary>
    public bool FailOnDenial { get; init; }

    /// <summary>
    /// The maximum number of tokens for the run, or for all turns of a session; null for no limit. These are the tokens of all answers,
    /// including subagents: input, output, and cache reads and writes. At 80 %, there is a warning. At the limit, the run is stopped as by
    /// cancellation, with an <see cref="AmpBudgetException"/>. An answer is counted when it arrives, so one answer can exceed the limit.
    /// </summary>
    public long? TokenLimit { get; init; }

    /// <summary>
    /// The maximum number of turns for the run, or for a session; null for no limit. Each turn is an answer of the main agent.
    /// </summary>
    public int? TurnLimit { get; init; }

    /// <summary>
    /// The maximum number of tool calls by the agent and its subagents in the run, or in a session; null for no limit. The next call is
    /// stopped.
    /// </summary>
    public int? ToolUseLimit { get; init; }

    /// <summary>
    /// The maximum cost of the run, or of a session, in US dollars; null for no limit. Costs are counted from <c>total_cost_usd</c> of a
    /// result, so the limit affects what starts after it. The CLIs of 2026 report none (seen up to 0.0.1790142911) and refuse the limit,
    /// unless <see cref="AllowUnknownUsage"/> is set.
    /// </summary>
    public decimal? CostLimit { get; init; }

    /// <summary>A budget that the run or session shares with others, in addition to its own limits; null for none.</summary>
    public AmpBudget? Budget { get; init; }

    /// <summary>
    /// Continues a run if the CLI does not report usage that has a limit. That usage is not counted. Otherwise, the limit counts as
    /// reached.
    /// </summary>
    public bool AllowUnknownUsage { get; init; }

    /// <summary>
    /// The file that gets a record of the run while it works: its options without secrets, each line of the CLI with its time, decisions,
    /// warnings and the end (<see cref="TranscriptReader"/>, docs/transcripts.md). On Linux and macOS, a new file can be read only by its owner. A file that is
    /// already a transcript is extended, also by several runs at once. For an existing folder, or a path that ends with a separator, each
    /// run gets its own file. If the file cannot be written later, there is one warning, and the run continues without it, because
    /// stopping an agent in the middle of its work causes more damage than an incomplete record.
    /// </summary>
    public string? TranscriptPath { get; init; }

    /// <summary>What the transcript keeps of the prompt and of the messages. The default is everything, except secrets.</summary>
    public TranscriptContent TranscriptContent { get; init; }

    /// <summary>
    /// The maximum time without output from the CLI; null for no limit. Time during which the caller does not read, or the agent waits for the
    /// next message of a conversation, does not count.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>
    /// The maximum time that a CLI waits for a service that it cannot reach. The default is 60 seconds. It starts when the CLI reports that it cannot
    /// reach the service, or when it asks about a guarded file, and a message ends it. The native CLIs wait forever (0.0.1784106548 to
    /// 0.0.1790142911). While such a CLI is silent, the library tests whether the service accepts a connection, unless the CLI uses a
    /// proxy; a service that has accepted none for this time counts as lost too. Zero for no limit. In a session, the time between turns
    /// does not count.
    /// </summary>
    public TimeSpan ServiceLossTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time that a CLI has to exit after SIGINT before it is killed. The default is 2 seconds.</summary>
    public TimeSpan CancellationGracePeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The time that a CLI has to exit after its final result before it is stopped. The default is 30 seconds.</summary>
    public TimeSpan ExitGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum length of a line of output, in bytes. A longer line ends the run with an error.</summary>
    public int MaxLineBytes { get; init; } = DefaultMaxLineBytes;

    /// <summary>The limits of a session, which its processes share; null for a run, which has its own limits.</summary>
    internal AmpBudget? OwnBudget { get; init; }

    /// <summary>Whether the run is one of a fleet, and lets single ones go before it.</summary>
    internal bool IsInFleet { get; init; }

    /// <summary>Returns the names and values of the options, without the servers of <see cref="McpConfig"/>, which can contain secrets.</summary>
    public override string ToString()
    {
        AmpOptions shown = McpConfig is string config && (McpText.IsJson(config) || McpText.MayBeJson(config)) ? this with { McpConfig = "***" } : this;
        StringBuilder text = new(nameof(AmpOptions) + " { ");
        shown.PrintMembers(text);
        return text.Append(" }").ToString();
    }
}
