using System.Management.Automation;
using Amp.PowerShell.Callbacks;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Output;
using Amp.PowerShell.State;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// The base class of cmdlets that start a run of the agent: the parameters of every run, and their conversion to options.
/// </summary>
public abstract class AmpRunCmdlet : CliCmdlet
{
    /// <summary>The agent mode. The available modes depend on the CLI (see <c>Get-AmpCli</c>).</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModeCompleter))]
    public string? Mode { get; set; }

    /// <summary>The thread to continue, as an ID or URL. You can also give a thread or one of its messages.</summary>
    [Parameter]
    [ThreadIdTransformation(IsSingle = true)]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string? ThreadId { get; set; }

    /// <summary>Continues the thread of the last run in this PowerShell session.</summary>
    [Parameter]
    public SwitchParameter ContinueThread { get; set; }

    /// <summary>
    /// Allows every tool call without asking, except calls that a rule of the call, of your settings or of the project rejects. The agent can
    /// then do everything that you can do.
    /// </summary>
    [Parameter]
    public SwitchParameter DangerouslyAllowAll { get; set; }

    /// <summary>
    /// Not used: PowerShell accepts abbreviated parameter names, and this parameter makes every abbreviation of <c>-DangerouslyAllowAll</c>
    /// ambiguous, so that nobody uses it by accident.
    /// </summary>
    [Parameter(DontShow = true)]
    public SwitchParameter DangerouslyAllowAllMustBeTypedInFull { get; set; }

    /// <summary>The maximum time without output from the CLI, in seconds. 0 means no limit.</summary>
    [Parameter]
    [Seconds]
    public double IdleTimeoutSec { get; set; }

    /// <summary>
    /// The maximum number of tokens for a run, or for all turns of a session: input, output, and cache reads and writes, including those of
    /// subagents.
    /// </summary>
    [Parameter]
    [Limit]
    public long? TokenLimit { get; set; }

    /// <summary>
    /// The maximum number of turns of the main agent in a run, or in all turns of a session. Each turn is one request to the model.
    /// </summary>
    [Parameter]
    [Limit]
    public int? TurnLimit { get; set; }

    /// <summary>The maximum number of tool calls by the agent and its subagents in a run, or in all turns of a session.</summary>
    [Parameter]
    [Limit]
    public int? ToolUseLimit { get; set; }

    /// <summary>The maximum cost of a run, or of all turns of a session, in US dollars.</summary>
    [Parameter]
    [Limit]
    public decimal? CostLimit { get; set; }

    /// <summary>A budget from <c>New-AmpBudget</c> to share with other runs and sessions.</summary>
    [Parameter]
    public AmpBudget? Budget { get; set; }

    /// <summary>Continues a run if the CLI does not report the usage that a limit is set for. That usage is not counted.</summary>
    [Parameter]
    public SwitchParameter AllowUnknownUsage { get; set; }

    /// <summary>The maximum length of a line of the CLI's output, in bytes. A longer line ends the run. The default is 64 MiB.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxLineBytes { get; set; } = AmpOptions.DefaultMaxLineBytes;

    /// <summary>Includes the model's thinking in the messages.</summary>
    [Parameter]
    public SwitchParameter IncludeThinking { get; set; }

    /// <summary>
    /// Rules for tools, from <c>New-AmpPermission</c> or as hashtables of the same shape. They come before your own rules, but cannot allow
    /// what your rules reject.
    /// </summary>
    [Parameter]
    [PermissionTransformation]
    public AmpPermission[]? Permission { get; set; }

    /// <summary>
    /// A script that decides about tool calls. It is not called for tools that only read and search, or if a rule allows or rejects the call.
    /// On Windows, it works only with <c>-HostName</c>. It gets the call as <c>$_</c> and returns <c>$true</c>, <c>$false</c>, a string
    /// (rejects the call and gives the model the reason) or an <c>[Amp.ApprovalDecision]</c>.
    /// </summary>
    [Parameter]
    public ScriptBlock? ApprovalScript { get; set; }

    /// <summary>
    /// The maximum time for a decision about a tool call, in seconds. After that, the call is rejected. 0 means no limit.
    /// </summary>
    [Parameter]
    [Seconds]
    public double ApprovalTimeoutSec { get; set; }

    /// <summary>MCP servers for this run, from <c>New-AmpMcpServer</c> or as hashtables of the same shape.</summary>
    [Parameter]
    [McpServerTransformation]
    public McpServer[]? McpServer { get; set; }

    /// <summary>MCP servers as a hashtable, as JSON, or as the path of a JSON file.</summary>
    [Parameter]
    public object? McpConfig { get; set; }

    /// <summary>A folder of toolbox executables. Their tools are named <c>tb__NAME</c> on every CLI.</summary>
    [Parameter]
    public string? Toolbox { get; set; }

    /// <summary>A folder of skills, in addition to your own.</summary>
    [Parameter]
    public string? Skills { get; set; }

    /// <summary>Text to add after the CLI's system prompt, if the CLI supports it.</summary>
    [Parameter]
    public string? SystemPrompt { get; set; }

    /// <summary>
    /// The tools that the model can use, as names or glob patterns. A run is refused if the settings of the project may enable others.
    /// </summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(ToolPatternCompleter))]
    public string[]? EnabledTool { get; set; }

    /// <summary>Who can see a new thread. The available values depend on the CLI (see <c>Get-AmpCli</c>).</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VisibilityCompleter))]
    public string? Visibility { get; set; }

    /// <summary>Labels of the thread: at most 20, each of letters, digits and hyphens.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public string[]? Label { get; set; }

    /// <summary>The title of a new thread.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <summary>Archives the thread after its run; CLIs of July 2026 and later can do so only for a new thread.</summary>
    [Parameter]
    public SwitchParameter Archive { get; set; }

    /// <summary>Features of the thread, such as <c>fast</c>.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FeatureCompleter))]
    public string[]? Feature { get; set; }

    /// <summary>The place where a new thread runs: <c>local</c>, <c>orb</c> or <c>runner:ID</c>.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecutorCompleter))]
    public string? Executor { get; set; }

    /// <summary>The log level of the CLI.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LogLevelCompleter))]
    public string? LogLevel { get; set; }

    /// <summary>The log file of the CLI.</summary>
    [Parameter]
    public string? LogFile { get; set; }

    /// <summary>Prevents the CLI from connecting to an editor. On by default; use <c>-NoIde:$false</c> to allow it.</summary>
    [Parameter]
    public SwitchParameter NoIde { get; set; } = true;

    /// <summary>Prevents the CLI from connecting to a JetBrains editor. On by default.</summary>
    [Parameter]
    public SwitchParameter NoJetBrains { get; set; } = true;

    /// <summary>Prevents the CLI from playing sounds. On by default.</summary>
    [Parameter]
    public SwitchParameter NoNotifications { get; set; } = true;

    /// <summary>Removes color codes from the output of the CLI. On by default.</summary>
    [Parameter]
    public SwitchParameter NoColor { get; set; } = true;

    /// <summary>
    /// Saves the state of the folder before a run, or before each process of a session, so that you can restore it. The result lists the files that are
    /// different at the end (<c>Changes</c>). Requires Git, but the folder does not have to be in a repository. See about_Amp_Checkpoints.
    /// </summary>
    [Parameter]
    public SwitchParameter Checkpoint { get; set; }

    /// <summary>
    /// The file to which the run is recorded while it works, for <c>Import-AmpTranscript</c>. An existing transcript is extended. If the path is an
    /// existing folder or ends with a separator, each run gets a separate file.
    /// </summary>
    [Parameter]
    public string? TranscriptPath { get; set; }

    /// <summary>
    /// How much of the prompt and the messages the transcript contains: <c>Full</c> for everything except secrets, or <c>Hash</c> for hashes and lengths
    /// for an audit.
    /// </summary>
    [Parameter]
    public TranscriptContent TranscriptContent { get; set; }

    /// <summary>Writes an error if a tool was denied during the run.</summary>
    [Parameter]
    public SwitchParameter FailOnDenial { get; set; }

    /// <summary>CLI arguments that this module does not support. Give an option and its value as one argument: <c>--option=value</c>.</summary>
    [Parameter]
    public string[]? ExtraArgument { get; set; }

    /// <summary>
    /// Commands of this session as tools of the agent: commands from <c>Get-Command</c>, names of commands, script blocks, or tools from
    /// <c>New-AmpTool</c>.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ToolCommandCompleter))]
    public object[]? Tool { get; set; }

    /// <summary>Runs commands that support <c>-WhatIf</c> without it, so that the agent can make changes with them.</summary>
    [Parameter]
    public SwitchParameter AllowToolChange { get; set; }

    /// <summary>The maximum time for a call of a tool, in seconds. After that, the call is stopped.</summary>
    [Parameter]
    [Seconds]
    public double ToolTimeoutSec { get; set; } = 300;

    /// <summary>
    /// The schema of the answer: a type in parentheses, such as <c>([Server[]])</c>, a JSON Schema as a hashtable or a string, or the path
    /// of a file that contains one. <c>Output</c> of the result contains the answer as objects.
    /// </summary>
    [Parameter]
    public object? OutputSchema { get; set; }

    /// <summary>The number of times that the agent can correct an answer that does not match <c>-OutputSchema</c>. The default is 3.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int OutputRetryLimit { get; set; } = 3;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (DangerouslyAllowAllMustBeTypedInFull)
        {
            Refuse("-DangerouslyAllowAll must be written in full.", nameof(DangerouslyAllowAll), "To allow every tool call, write the full parameter name.");
        }
    }

    /// <summary>
    /// Asks whether to start, as <c>ShouldProcess</c> does. With <c>-Confirm</c>, each tool call is asked about instead, because nothing
    /// happens before the first one.
    /// </summary>
    protected bool ShouldStart(string description, string question, string caption) =>
        (ConfirmsCalls && !WhatIf) || ShouldProcess(description, question, caption);

    /// <summary>Converts the parameters to the options of a run.</summary>
    /// <param name="calls">Passes tool calls and questions to the pipeline thread.</param>
    /// <exception cref="AmpValidationException">A path or a value cannot be used.</exception>
    private protected AmpOptions ToOptions(PipelineCalls calls)
    {
        string? thread = ThreadId;
        bool latest = false;
        if (ContinueThread && ThreadId is null)
        {
            thread = RunspaceState.Current.LastThreadId;
            latest = thread is null;
        }

        return WithCli(new AmpOptions
        {
            Approval = Approval(calls),
            ApprovalTimeout = SecondsAttribute.ToTimeSpan(ApprovalTimeoutSec),
            Mode = Mode,
            ThreadId = thread,
            ContinueLatestThread = latest || (ContinueThread && ThreadId is not null),
            DangerouslyAllowAll = DangerouslyAllowAll,
            IncludeThinking = IncludeThinking,
            Permissions = Permission,
            McpServers = McpServer,
            McpConfig = McpConfigParameter.ToText(McpConfig, path => ResolveFilePath(path, nameof(McpConfig))),
            Tools = ToolParameter.ToTools(Tool, this, calls, AllowToolChange, SecondsAttribute.ToTimeSpan(ToolTimeoutSec)),
            ToolServerName = ToolParameter.Server,

            // A call may first have to wait for another call, for up to the same time.
            ToolTimeout = SecondsAttribute.ToTimeSpan(Math.Min(2 * ToolTimeoutSec, SecondsAttribute.Most)),
            Toolbox = Resolve(Toolbox, nameof(Toolbox)),
            ToolboxTimeout = SecondsAttribute.ToTimeSpan(ToolTimeoutSec),
            Skills = Resolve(Skills, nameof(Skills)),
            SystemPrompt = SystemPrompt,
            EnabledTools = EnabledTool,
            Visibility = Visibility,
            Labels = Label,
            Title = Title,
            Archive = Archive,
            Features = Feature,
            Executor = Executor,
            LogLevel = LogLevel,
            LogFile = Resolve(LogFile, nameof(LogFile)),
            NoIde = NoIde,
            NoJetBrains = NoJetBrains,
            NoNotifications = NoNotifications,
            NoColor = NoColor,
            Checkpoint = Checkpoint,
            FailOnDenial = FailOnDenial,
            TranscriptPath = ResolveTranscript(),
            TranscriptContent = TranscriptContent,
            OutputSchema = OutputSchemaParameter.ToSchema(OutputSchema, calls, path => ResolveFilePath(path, nameof(OutputSchema))),
            OutputRetryLimit = OutputRetryLimit,
            ExtraArguments = ExtraArgument,
            IdleTimeout = SecondsAttribute.ToTimeSpan(IdleTimeoutSec),
            MaxLineBytes = MaxLineBytes,
            TokenLimit = TokenLimit,
            TurnLimit = TurnLimit,
            ToolUseLimit = ToolUseLimit,
            CostLimit = CostLimit,
            Budget = Budget,
            AllowUnknownUsage = AllowUnknownUsage,
        });
    }

    // The separator at the end says that a folder is meant.
    private string? ResolveTranscript() => Resolve(TranscriptPath, nameof(TranscriptPath)) is not string path ? null
        : TranscriptPath is [.., '/' or '\\'] && !Path.EndsInDirectorySeparator(path) ? path + Path.DirectorySeparatorChar
        : path;

    private bool ConfirmsCalls => MyInvocation.BoundParameters.TryGetValue("Confirm", out object? confirm) && confirm is SwitchParameter { IsPresent: true };

    private bool WhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? whatIf)
        ? whatIf is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Who is asked about tool calls; null for nobody.</summary>
    private protected Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>>? Approval(PipelineCalls calls)
    {
        if (ApprovalScript is null && !ConfirmsCalls)
        {
            return ApprovalTimeoutSec == 0 ? null : throw new AmpValidationException(
                "-ApprovalTimeoutSec requires -ApprovalScript or -Confirm.",
                nameof(ApprovalTimeoutSec),
                "Add -ApprovalScript or -Confirm, or omit -ApprovalTimeoutSec.",
                ApprovalTimeoutSec);
        }

        if (ApprovalScript is not null && ConfirmsCalls)
        {
            throw new AmpValidationException(
                "-ApprovalScript and -Confirm cannot be used together.", nameof(ApprovalScript), "Use one of them.");
        }

        calls.Require(ApprovalScript is null ? "Confirm" : nameof(ApprovalScript));
        return ApprovalScript is ScriptBlock script
            ? new ScriptApproval(script, calls).DecideAsync
            : new PromptApproval(calls).DecideAsync;
    }
}
