using System.Collections;
using System.Management.Automation;
using System.Security;
using Amp.PowerShell.Callbacks;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Output;
using Amp.PowerShell.State;
using Amp.PowerShell.Tools;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// The base of the cmdlets that start a run of the agent: the parameters that a run has wherever its prompts come from, and the
/// options that they come to.
/// </summary>
public abstract class AmpRunCmdlet : AmpCmdlet
{
    /// <summary>The agent mode; the CLI decides which ones there are (see <c>Get-AmpCli</c>), and plugins may bring more.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModeCompleter))]
    public string? Mode { get; set; }

    /// <summary>The thread to continue, by ID or URL; a thread or a message of it is taken too.</summary>
    [Parameter]
    [ThreadIdTransformation(IsSingle = true)]
    [ArgumentCompleter(typeof(ThreadIdCompleter))]
    public string? ThreadId { get; set; }

    /// <summary>Continues the thread of the last run in this session, or else the one that the CLI used last.</summary>
    [Parameter]
    public SwitchParameter ContinueThread { get; set; }

    /// <summary>Lets every tool run without asking.</summary>
    [Parameter]
    public SwitchParameter DangerouslyAllowAll { get; set; }

    /// <summary>Never used: PowerShell accepts beginnings of parameter names, and this one makes every beginning of
    /// <c>-DangerouslyAllowAll</c> ambiguous, so that nobody gives it by accident.</summary>
    [Parameter(DontShow = true)]
    public SwitchParameter DangerouslyAllowAllMustBeTypedInFull { get; set; }

    /// <summary>The folder in which the agent works; by default PowerShell's current one.</summary>
    [Parameter]
    [Alias("Cwd")]
    public string? WorkingDirectory { get; set; }

    /// <summary>Variables for the CLI, on top of this session's; <c>$null</c> takes one away.</summary>
    [Parameter]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>The path of the CLI to use. By default, the CLI is searched for.</summary>
    [Parameter]
    public string? CliPath { get; set; }

    /// <summary>How many seconds a run may take; 0 for no limit.</summary>
    [Parameter]
    [Seconds]
    public double TimeoutSec { get; set; }

    /// <summary>How many seconds the CLI may be silent; 0 for no limit.</summary>
    [Parameter]
    [Seconds]
    public double IdleTimeoutSec { get; set; }

    /// <summary>How many tokens a run, or all turns of a session, may use.</summary>
    [Parameter]
    [Limit]
    public long? TokenLimit { get; set; }

    /// <summary>How many turns of the agent a run, or a session, may take.</summary>
    [Parameter]
    [Limit]
    public int? TurnLimit { get; set; }

    /// <summary>How many tools may be called in a run or a session.</summary>
    [Parameter]
    [Limit]
    public int? ToolUseLimit { get; set; }

    /// <summary>How many US dollars a run, or a session, may cost, where the CLI tells it.</summary>
    [Parameter]
    [Limit]
    public decimal? CostLimit { get; set; }

    /// <summary>A budget that is shared with other runs and sessions, as <c>New-AmpBudget</c> makes it.</summary>
    [Parameter]
    public AmpBudget? Budget { get; set; }

    /// <summary>Lets a run go on whose CLI does not tell what a limit is set for.</summary>
    [Parameter]
    public SwitchParameter AllowUnknownUsage { get; set; }

    /// <summary>The longest line of the CLI's output that is accepted, in bytes; a longer one ends the run. 64 MiB by default.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxLineBytes { get; set; } = AmpOptions.DefaultMaxLineBytes;

    /// <summary>Asks for the model's thinking among the messages.</summary>
    [Parameter]
    public SwitchParameter IncludeThinking { get; set; }

    /// <summary>
    /// Rules for tools, as <c>New-AmpPermission</c> makes them or as hashtables of the same shape. They come before the user's own; what the
    /// user rejects stays rejected.
    /// </summary>
    [Parameter]
    [PermissionTransformation]
    public Permission[]? Permission { get; set; }

    /// <summary>
    /// Decides about tool calls, in this session: gets the call (<c>$Call.ToolName</c>, <c>$Call.Input</c>, ...) and gives <c>$true</c>,
    /// <c>$false</c>, a text (no, and the model is told why) or an <c>[Amp.ApprovalDecision]</c>. All else is a no.
    /// </summary>
    [Parameter]
    public ScriptBlock? ApprovalScript { get; set; }

    /// <summary>How many seconds a decision about a tool call may take before it counts as a no; 0 for no limit.</summary>
    [Parameter]
    [Seconds]
    public double ApprovalTimeoutSec { get; set; }

    /// <summary>MCP servers for this run, as <c>New-AmpMcpServer</c> makes them or as hashtables of the same shape.</summary>
    [Parameter]
    [McpServerTransformation]
    public McpServer[]? McpServer { get; set; }

    /// <summary>MCP servers as a hashtable, as JSON, or as the path of a JSON file.</summary>
    [Parameter]
    public object? McpConfig { get; set; }

    /// <summary>A folder of toolbox executables; where the CLI knows no toolboxes any more, this module runs them.</summary>
    [Parameter]
    public string? Toolbox { get; set; }

    /// <summary>A folder of skills, beside the user's own.</summary>
    [Parameter]
    public string? Skills { get; set; }

    /// <summary>The settings file to use instead of the user's usual one; it is read and never written.</summary>
    [Parameter]
    public string? SettingsFile { get; set; }

    /// <summary>Text that is added after the CLI's system prompt, on CLIs that support it.</summary>
    [Parameter]
    public string? SystemPrompt { get; set; }

    /// <summary>Names or globs of the tools that are offered to the model.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(ToolPatternCompleter))]
    public string[]? EnabledTool { get; set; }

    /// <summary>Who may see a new thread; the CLI decides which values there are (see <c>Get-AmpCli</c>).</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VisibilityCompleter))]
    public string? Visibility { get; set; }

    /// <summary>Labels of the thread: at most 20, of letters, digits and hyphens.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public string[]? Label { get; set; }

    /// <summary>The title of a new thread.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <summary>Archives a new thread after its run.</summary>
    [Parameter]
    public SwitchParameter Archive { get; set; }

    /// <summary>Thread features, such as <c>fast</c>.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FeatureCompleter))]
    public string[]? Feature { get; set; }

    /// <summary>Where a new thread runs: <c>local</c>, <c>orb</c> or <c>runner:ID</c>.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecutorCompleter))]
    public string? Executor { get; set; }

    /// <summary>The access token of the Amp account, instead of that in the variable <c>AMP_API_KEY</c>.</summary>
    [Parameter]
    [ApiKeyTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>How much the CLI logs.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LogLevelCompleter))]
    public string? LogLevel { get; set; }

    /// <summary>The file that the CLI logs to.</summary>
    [Parameter]
    public string? LogFile { get; set; }

    /// <summary>Keeps the CLI from connecting to an editor; so by default, <c>-NoIde:$false</c> lets it.</summary>
    [Parameter]
    public SwitchParameter NoIde { get; set; } = true;

    /// <summary>Keeps the CLI from connecting to a JetBrains editor; so by default.</summary>
    [Parameter]
    public SwitchParameter NoJetBrains { get; set; } = true;

    /// <summary>Keeps the CLI from playing sounds; so by default.</summary>
    [Parameter]
    public SwitchParameter NoNotifications { get; set; } = true;

    /// <summary>Keeps colour codes out of what the CLI writes; so by default.</summary>
    [Parameter]
    public SwitchParameter NoColor { get; set; } = true;

    /// <summary>Makes an error of a run in which a tool was not allowed.</summary>
    [Parameter]
    public SwitchParameter FailOnDenial { get; set; }

    /// <summary>Arguments for the CLI that this module does not know, each a whole one: <c>--option=value</c>.</summary>
    [Parameter]
    public string[]? ExtraArgument { get; set; }

    /// <summary>
    /// Commands of this session as tools of the agent: what <c>Get-Command</c> gives, names of commands, script blocks, and what
    /// <c>New-AmpTool</c> makes. They run in this session, while the agent waits for them.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ToolCommandCompleter))]
    public object[]? Tool { get; set; }

    /// <summary>Calls commands that know <c>-WhatIf</c> without it, so that the agent can change something with them.</summary>
    [Parameter]
    public SwitchParameter AllowToolChange { get; set; }

    /// <summary>How many seconds one call of a tool, of a toolbox too where this module runs it, may take before it is stopped; 0 for no limit.</summary>
    [Parameter]
    [Seconds]
    public double ToolTimeoutSec { get; set; } = 300;

    /// <summary>
    /// The shape that the answer must have: a JSON Schema as text, as a hashtable or as the path of a file, or a type such as
    /// <c>([Server[]])</c>. The result's <c>Output</c> is objects of it.
    /// </summary>
    [Parameter]
    public object? OutputSchema { get; set; }

    /// <summary>How many answers that do not fit the schema the agent may correct.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int OutputRetryLimit { get; set; } = 3;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        OrThrow(() => ApiKeyParameter.Check(ApiKey, MyInvocation));
        base.BeginProcessing();
        if (DangerouslyAllowAllMustBeTypedInFull)
        {
            Refuse("-DangerouslyAllowAll must be written in full.", nameof(DangerouslyAllowAll), "Write the whole parameter name if you mean it.");
        }
    }

    /// <summary>
    /// Asks whether to start, as <c>ShouldProcess</c> does. Where <c>-Confirm</c> is given, each tool call is asked about instead: nothing
    /// happens before the first of them.
    /// </summary>
    protected bool ShouldStart(string description, string question, string caption) =>
        (ConfirmsCalls && !WhatIf) || ShouldProcess(description, question, caption);

    /// <summary>The options that the parameters come to.</summary>
    /// <param name="calls">Where calls of tools, and questions, get onto the pipeline thread.</param>
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

        return new AmpOptions
        {
            Approval = Approval(calls),
            ApprovalTimeout = SecondsAttribute.ToTimeSpan(ApprovalTimeoutSec),
            CliPath = Resolve(CliPath, nameof(CliPath)),
            WorkingDirectory = Resolve(WorkingDirectory, nameof(WorkingDirectory)) ?? CurrentFolder(),
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

            // A call may have to wait for its turn as long as it may take then.
            ToolTimeout = SecondsAttribute.ToTimeSpan(Math.Min(2 * ToolTimeoutSec, SecondsAttribute.Most)),
            Toolbox = Resolve(Toolbox, nameof(Toolbox)),
            ToolboxTimeout = SecondsAttribute.ToTimeSpan(ToolTimeoutSec),
            Skills = Resolve(Skills, nameof(Skills)),
            SettingsFile = Resolve(SettingsFile, nameof(SettingsFile)),
            SystemPrompt = SystemPrompt,
            EnabledTools = EnabledTool,
            Visibility = Visibility,
            Labels = Label,
            Title = Title,
            Archive = Archive,
            Features = Feature,
            Executor = Executor,
            ApiKey = ApiKey,
            LogLevel = LogLevel,
            LogFile = Resolve(LogFile, nameof(LogFile)),
            NoIde = NoIde,
            NoJetBrains = NoJetBrains,
            NoNotifications = NoNotifications,
            NoColor = NoColor,
            FailOnDenial = FailOnDenial,
            OutputSchema = OutputSchemaParameter.ToSchema(OutputSchema, calls, path => ResolveFilePath(path, nameof(OutputSchema))),
            OutputRetryLimit = OutputRetryLimit,
            ExtraArguments = ExtraArgument,
            Environment = EnvironmentParameter.ToDictionary(Environment),
            Timeout = SecondsAttribute.ToTimeSpan(TimeoutSec),
            IdleTimeout = SecondsAttribute.ToTimeSpan(IdleTimeoutSec),
            MaxLineBytes = MaxLineBytes,
            TokenLimit = TokenLimit,
            TurnLimit = TurnLimit,
            ToolUseLimit = ToolUseLimit,
            CostLimit = CostLimit,
            Budget = Budget,
            AllowUnknownUsage = AllowUnknownUsage,
        };
    }

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
                "-ApprovalTimeoutSec is given without -ApprovalScript or -Confirm.",
                nameof(ApprovalTimeoutSec),
                "Add -ApprovalScript or -Confirm, or omit -ApprovalTimeoutSec.",
                ApprovalTimeoutSec);
        }

        if (ApprovalScript is not null && ConfirmsCalls)
        {
            throw new AmpValidationException(
                "-ApprovalScript and -Confirm cannot be used together.", nameof(ApprovalScript), "Use one of them.");
        }

        return ApprovalScript is ScriptBlock script
            ? new ScriptApproval(script, calls).DecideAsync
            : new PromptApproval(calls).DecideAsync;
    }

    private string? Resolve(string? path, string parameterName) => path is null ? null : ResolveFilePath(path, parameterName);
}
