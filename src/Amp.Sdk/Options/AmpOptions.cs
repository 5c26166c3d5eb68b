using System.Security;

namespace Amp;

/// <summary>
/// What a run is given. Everything is optional; what is not set is left to the CLI and to the user's own settings.
/// The object is only read, never changed, and may be used for any number of runs.
/// </summary>
public sealed record AmpOptions
{
    /// <summary>The longest line of output that is accepted when nothing else is said: 64 MiB.</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    /// <summary>The CLI to use: a program, a <c>.js</c> file, or an npm shim. By default it is looked for.</summary>
    public string? CliPath { get; init; }

    /// <summary>
    /// The folder in which the agent works; by default the process's current one. Relative paths of all options, this one too, start from the
    /// current directory of the process, and never from here.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The agent mode; which ones there are depends on the CLI (see <see cref="CliCapabilities.Modes"/>).</summary>
    public string? Mode { get; init; }

    /// <summary>The thread to continue, by its ID (<c>T-</c> and a UUID) or its URL.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Continues the thread that the CLI used last, which may be one of another program of the same user.</summary>
    public bool ContinueLatestThread { get; init; }

    /// <summary>
    /// Lets every tool run without asking. What a rule of the call, the user or the workspace rejects stays rejected.
    /// </summary>
    public bool DangerouslyAllowAll { get; init; }

    /// <summary>Asks for the model's thinking among the messages (CLIs from 2026-01-26 on).</summary>
    public bool IncludeThinking { get; init; }

    /// <summary>Who may see a new thread. Nothing is said to the CLI by default, so that the user's own setting holds.</summary>
    public string? Visibility { get; init; }

    /// <summary>Archives a new thread after its run. By default it is kept from being archived, so that it can be continued.</summary>
    public bool Archive { get; init; }

    /// <summary>The title of a new thread (CLIs from September 2026 on).</summary>
    public string? Title { get; init; }

    /// <summary>Labels of the thread: at most 20, of letters, digits and hyphens.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Thread features such as <c>fast</c> (CLIs from September 2026 on).</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>Where a new thread runs: <c>local</c>, <c>orb</c> or <c>runner:ID</c> (CLIs from September 2026 on).</summary>
    public string? Executor { get; init; }

    /// <summary>Rules for tools. They come before those of the user's settings; a reject of the user's is never lost.</summary>
    public IReadOnlyList<Permission>? Permissions { get; init; }

    /// <summary>
    /// Decides about tool calls while the agent waits: those that a rule says to ask about (<see cref="PermissionAction.Ask"/>), and those
    /// that no rule of the call, the user or the workspace decides and that do more than read. All but <see cref="ApprovalDecision.Allow"/>
    /// is a no: an exception, null, a time limit, a channel that breaks. The token is cancelled when nobody waits for the decision any more.
    /// Several calls may be asked about at once, on any thread. Not on Windows yet.
    /// </summary>
    public Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>>? Approval { get; init; }

    /// <summary>How long <see cref="Approval"/> may take before it counts as a no; null for no limit.</summary>
    public TimeSpan? ApprovalTimeout { get; init; }

    /// <summary>MCP servers for this run, beside those of the user's settings; a disabled one takes away the user's of the same name.</summary>
    public IReadOnlyList<McpServer>? McpServers { get; init; }

    /// <summary>MCP servers as JSON text or the path of a JSON file, as the CLI's <c>--mcp-config</c> takes them.</summary>
    public string? McpConfig { get; init; }

    /// <summary>
    /// Tools of this process for the agent to call. They are offered as <c>mcp__SERVER__TOOL</c>; what a rule of the call, the user or the
    /// workspace rejects stays rejected.
    /// </summary>
    public IReadOnlyList<AmpTool>? Tools { get; init; }

    /// <summary>The name of the server that <see cref="Tools"/> are offered by; <c>sdk</c> by default.</summary>
    public string ToolServerName { get; init; } = "sdk";

    /// <summary>
    /// How long one call of one of <see cref="Tools"/> may take before it is cancelled; null for no limit. The CLI is told to wait for as
    /// long, unless the user's settings have <c>amp.tools.stopTimeout</c>; of its own accord it gives a call up after 300 seconds.
    /// </summary>
    public TimeSpan? ToolTimeout { get; init; }

    /// <summary>
    /// A folder of toolbox executables, whose tools are called <c>tb__NAME</c> on every CLI. The CLIs from July 2026 on know no toolboxes any more:
    /// there this library describes, offers and runs the executables.
    /// </summary>
    public string? Toolbox { get; init; }

    /// <summary>
    /// How long one call of a tool of <see cref="Toolbox"/> may take before it is ended, where this library runs it; 300 seconds by default, zero for
    /// no limit. Earlier CLIs have a limit of their own, 300 seconds or the <c>amp.tools.stopTimeout</c> of the user's settings.
    /// </summary>
    public TimeSpan? ToolboxTimeout { get; init; }

    /// <summary>A folder of skills, beside those of the user's settings.</summary>
    public string? Skills { get; init; }

    /// <summary>The user's settings file to use instead of the usual one. It is read and never written.</summary>
    public string? SettingsFile { get; init; }

    /// <summary>Text behind the CLI's own system prompt, on the CLIs that pass it on (2026-01-26 to 2026-02-16).</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Names or globs of the tools that are offered to the model; null for all. An empty list offers none.</summary>
    public IReadOnlyList<string>? EnabledTools { get; init; }

    /// <summary>The access token of the Amp account, instead of that in the variable <c>AMP_API_KEY</c>.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>How much the CLI logs: <c>error</c>, <c>warn</c>, <c>info</c>, <c>debug</c>, <c>audit</c>.</summary>
    public string? LogLevel { get; init; }

    /// <summary>The file that the CLI logs to.</summary>
    public string? LogFile { get; init; }

    /// <summary>Keeps the CLI from connecting to an editor; true by default.</summary>
    public bool NoIde { get; init; } = true;

    /// <summary>Keeps the CLI from connecting to a JetBrains editor; true by default.</summary>
    public bool NoJetBrains { get; init; } = true;

    /// <summary>Keeps the CLI from playing sounds; true by default.</summary>
    public bool NoNotifications { get; init; } = true;

    /// <summary>
    /// Keeps colour codes out of what the CLI writes; true by default. Turned off, what this process's own variables say of colours
    /// (<c>NO_COLOR</c>, <c>FORCE_COLOR</c>) holds for the CLI as it is.
    /// </summary>
    public bool NoColor { get; init; } = true;

    /// <summary>
    /// Arguments that this library does not know yet, each a whole token: <c>--option=value</c>. What would break the stream of
    /// messages or bring a secret into the process list is refused.
    /// </summary>
    public IReadOnlyList<string>? ExtraArguments { get; init; }

    /// <summary>
    /// Variables for the CLI, on top of this process's own; a null value takes one away. They win over what this library
    /// sets or takes away by itself.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>
    /// The shape that the answer must have. The agent gives it to a tool of the run's own, which checks it and tells the agent what does not fit. A
    /// turn that ends without an answer is followed by one reminder in the same thread. <see cref="ResultMessage.Output"/> is the answer; a run
    /// without one ends with an error. In a session it holds for each turn, and the message that ends the turn has the answer. The user's own rule
    /// that rejects <c>mcp__amp_output__submit</c> still rejects it.
    /// </summary>
    public AmpOutputSchema? OutputSchema { get; init; }

    /// <summary>How many answers that do not fit <see cref="OutputSchema"/> the agent may correct, 3 by default; one more ends the run.</summary>
    public int OutputRetryLimit { get; init; } = 3;

    /// <summary>
    /// Verifies the work when the agent says that it is done. What it finds wrong is told to the agent in the same thread, and the agent works on,
    /// up to <see cref="VerifyLimit"/> verifications. An exception counts as not passed, and its message is what the agent is told. The
    /// run's limits of time hold on; its time of silence does not pass meanwhile. For runs; a session is verified between its turns.
    /// </summary>
    public Func<AmpVerificationRequest, CancellationToken, Task<AmpVerification>>? Verify { get; init; }

    /// <summary>How often the work is verified at most, 3 by default.</summary>
    public int VerifyLimit { get; init; } = 3;

    /// <summary>How long one verification may take; null for no limit. One that takes longer ends the run.</summary>
    public TimeSpan? VerifyTimeout { get; init; }

    /// <summary>
    /// Files, and folders with all that is in them, that the agent must not change, such as the tests that verify its work. A change counts as a
    /// verification that did not pass, and is told to the agent.
    /// </summary>
    public IReadOnlyList<string>? VerifyPaths { get; init; }

    /// <summary>
    /// How often a run is tried again that the service could not serve, 0 by default: after <see cref="AmpErrorId.ServiceUnreachable"/>,
    /// <see cref="AmpErrorId.Throttled"/> and <see cref="AmpErrorId.Overloaded"/>, by continuing its thread after a time that grows with each
    /// retry, or that the service asks for. Not after a tool that may have changed something, unless <see cref="RetryAfterChange"/> is set; never
    /// for a quota that is used up; within <see cref="Timeout"/>. For runs with a prompt; a session's message can be sent again.
    /// </summary>
    public int RetryLimit { get; init; }

    /// <summary>Allows a retry after a tool that may have changed something. The agent finds what it did in the thread.</summary>
    public bool RetryAfterChange { get; init; }

    /// <summary>Makes an error of a run in which a tool was not allowed, though it succeeded by the CLI's account.</summary>
    public bool FailOnDenial { get; init; }

    /// <summary>
    /// How many tokens the run, or all turns of a session, may use; null for no limit. They are those of every answer, of subagents too: input,
    /// output, and what was written to the model's cache and read from it. At 80 % there is a warning; at the limit the run is ended as by
    /// cancelling, with an <see cref="AmpBudgetException"/>. What has come by then counts, so that one answer may go beyond it.
    /// </summary>
    public long? TokenLimit { get; init; }

    /// <summary>How many turns the run, or a session, may take, each an answer of the main agent; null for no limit.</summary>
    public int? TurnLimit { get; init; }

    /// <summary>
    /// How many tools the agent and its subagents may call in the run, or in a session; null for no limit. The call beyond it is broken off.
    /// </summary>
    public int? ToolUseLimit { get; init; }

    /// <summary>
    /// How many US dollars the run, or a session, may cost; null for no limit. It counts what a result tells as <c>total_cost_usd</c>, so it
    /// decides about what is begun after it. The CLIs of 2026 tell none (seen up to 0.0.1790142911): on them it is refused, unless
    /// <see cref="AllowUnknownUsage"/> is set.
    /// </summary>
    public decimal? CostLimit { get; init; }

    /// <summary>A budget that the run or session shares with others, beside its own limits; null for none.</summary>
    public AmpBudget? Budget { get; init; }

    /// <summary>
    /// Lets a run go on whose CLI does not tell what a limit is set for; that usage is not counted then. Otherwise it counts as reached.
    /// </summary>
    public bool AllowUnknownUsage { get; init; }

    /// <summary>How long the run may take in total; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long the CLI may be silent; null for no limit. Time in which the caller does not read does not count.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>
    /// How long a CLI may wait for its service in vain, 60 seconds by default: after it has said that it cannot reach the service, without
    /// a message since, and for an answer to its question about a file that it guards. The native CLIs wait for ever
    /// (0.0.1784106548 to 0.0.1790142911). While such a CLI is silent, it is tried whether the service takes a connection, unless a proxy stands
    /// between them: one that has taken none for this long is gone too. Zero for no limit; in a session the time between turns does not count.
    /// </summary>
    public TimeSpan ServiceLossTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a CLI that was asked to end (SIGINT) has before it is killed; 2 seconds by default.</summary>
    public TimeSpan CancellationGracePeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a CLI may go on after its final result before it is ended; 30 seconds by default.</summary>
    public TimeSpan ExitGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest line of output that is accepted, in bytes; a longer one ends the run with an error.</summary>
    public int MaxLineBytes { get; init; } = DefaultMaxLineBytes;

    /// <summary>The limits of a session, which its processes count on together; null for a run, which has limits of its own.</summary>
    internal AmpBudget? OwnBudget { get; init; }

    /// <summary>Whether the run is one of a fleet, and lets single ones go before it.</summary>
    internal bool IsInFleet { get; init; }
}
