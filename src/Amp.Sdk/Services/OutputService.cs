using Amp.Processes;
using Amp.Tools;

namespace Amp.Services;

/// <summary>The tool with which the agent gives its structured answer.</summary>
internal sealed class OutputService : IRunService
{
    /// <summary>The name of the tool's server, which no other server of a run can have.</summary>
    public const string Server = "amp_output";

    private const string Tool = "submit";

    private readonly OutputSchema _schema;
    private readonly int _retryLimit;

    public OutputService(AmpOptions options)
    {
        _schema = options.OutputSchema!;
        _retryLimit = options.OutputRetryLimit;
    }

    /// <summary>The name of the tool for the model and for rules.</summary>
    public static string ToolName { get; } = Tools.ToolName.Offered(Server, Tool);

    /// <summary>The text after each user message.</summary>
    public static string Instruction { get; } =
        $"When you have the answer, call the tool {ToolName} with it, once and as your last step. Only what you give to that tool counts as your answer.";

    /// <summary>The message to the agent after a turn without an answer.</summary>
    public static string Reminder { get; } = $"You have not given your answer yet. Call the tool {ToolName} with it now.";

    /// <inheritdoc/>
    public RunContribution Planned => Inner(new OutputCollector(_schema, _retryLimit)).Planned;

    /// <inheritdoc/>
    public async ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken)
    {
        OutputCollector collector = new(_schema, _retryLimit);
        return await Inner(collector).OpenAsync(folder, cancellationToken).ConfigureAwait(false) with { Output = collector };
    }

    /// <inheritdoc/>
    public OpenRunService OpenInProcess()
    {
        OutputCollector collector = new(_schema, _retryLimit);
        return Inner(collector).OpenInProcess() with { Output = collector };
    }

    private ToolService Inner(OutputCollector collector) => new(
        Server,
        [
            new AmpTool(
                Tool,
                "Gives your final answer to whoever asked. Call it once, as your last step, with the complete answer. If the answer is rejected, correct it and call the tool again.",
                _schema.Envelope.ToolSchema,
                collector.TakeAsync,
                isReadOnly: true),
        ],
        timeout: null);
}
