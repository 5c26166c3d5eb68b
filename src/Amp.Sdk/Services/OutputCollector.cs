using System.Text.Json;
using Amp.Output;

namespace Amp.Services;

/// <summary>Takes the answers of one run by its output tool, and keeps the last one that fits.</summary>
internal sealed class OutputCollector
{
    private readonly object _lock = new();
    private readonly OutputSchema _schema;
    private readonly int _retryLimit;
    private List<string> _rejected = [];
    private string? _faults;
    private bool _wasAsked;

    public OutputCollector(OutputSchema schema, int retryLimit)
    {
        _schema = schema;
        _retryLimit = retryLimit;
    }

    /// <summary>Called when the agent has used up its tries.</summary>
    public Action? Exhausted { get; set; }

    /// <summary>The answer as JSON text; null where none has fitted yet.</summary>
    public string? Json { get; private set; }

    /// <summary>The answer as an object.</summary>
    public object? Value { get; private set; }

    /// <summary>What did not fit about the last answer that was rejected; null where none was.</summary>
    public string? Faults => _faults;

    /// <summary>The answers that did not fit, as JSON text.</summary>
    public IReadOnlyList<string> Rejected => _rejected;

    /// <summary>Whether there is no answer, and none may come any more.</summary>
    public bool IsExhausted => Json is null && _rejected.Count > _retryLimit;

    /// <summary>Forgets all of an earlier turn.</summary>
    public void BeginTurn()
    {
        lock (_lock)
        {
            (Json, Value, _faults, _wasAsked) = (null, null, null, false);
            _rejected = [];
        }
    }

    /// <summary>What the agent is told at the end of a turn without an answer, once; null where it has answered or was asked before.</summary>
    public string? Ask()
    {
        lock (_lock)
        {
            if (Json is not null || _wasAsked || IsExhausted)
            {
                return null;
            }

            _wasAsked = true;
            return OutputService.Reminder;
        }
    }

    /// <summary>Takes what the agent has called the tool with.</summary>
    public async Task<ToolResult> TakeAsync(string arguments, CancellationToken cancellationToken)
    {
        // The run is being ended; the CLI may call as often as it likes until then.
        if (IsExhausted)
        {
            return NoTryLeft(_faults);
        }

        string? answer = null;
        string? faults;
        object? value = null;
        try
        {
            answer = _schema.Envelope.Open(arguments);
            faults = answer is null ? OutputEnvelope.Missing : string.Join('\n', _schema.FaultsOf(answer));
            if (faults.Length == 0)
            {
                value = await _schema.ReadAsync(answer!, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            faults = exception.Message;
        }

        bool isExhausted;
        lock (_lock)
        {
            if (IsExhausted)
            {
                return NoTryLeft(_faults);
            }

            if (faults.Length == 0)
            {
                (Json, Value, _faults) = (answer, value, null);
                return new ToolResult("The output was accepted. Do not call this tool again; end your turn.");
            }

            _rejected.Add(answer ?? arguments);
            _faults = faults;
            isExhausted = IsExhausted;
        }

        if (isExhausted)
        {
            Exhausted?.Invoke();
            return NoTryLeft(faults);
        }

        return new ToolResult($"The output was rejected. Correct it and call this tool again:\n{faults}", IsError: true);
    }

    private static ToolResult NoTryLeft(string? faults) =>
        new($"The output was rejected, and no further try is left:\n{faults}", IsError: true);
}
