using System.Text.Json;
using Amp.Output;

namespace Amp.Services;

/// <summary>Collects the answers of a run through its output tool, and keeps the last one that matches the schema.</summary>
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

    /// <summary>Called when the agent has used all its tries.</summary>
    public Action? Exhausted { get; set; }

    /// <summary>The answer as JSON text; null if none has matched yet.</summary>
    public string? Json { get; private set; }

    /// <summary>The answer as an object.</summary>
    public object? Value { get; private set; }

    /// <summary>The violations in the last rejected answer; null if there are none.</summary>
    public string? Faults => _faults;

    /// <summary>The rejected answers, as JSON text.</summary>
    public IReadOnlyList<string> Rejected => _rejected;

    /// <summary>Whether there is no answer, and no further try.</summary>
    public bool IsExhausted => Json is null && _rejected.Count > _retryLimit;

    /// <summary>Clears the answers of the previous turn.</summary>
    public void BeginTurn()
    {
        lock (_lock)
        {
            (Json, Value, _faults, _wasAsked) = (null, null, null, false);
            _rejected = [];
        }
    }

    /// <summary>
    /// Gets the reminder for the agent at the end of a turn without an answer, once; null if there is an answer or a reminder was sent.
    /// </summary>
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

    /// <summary>Processes the arguments of a call of the output tool.</summary>
    public async Task<ToolResult> TakeAsync(string arguments, CancellationToken cancellationToken)
    {
        // The run is being stopped. Until then, the CLI can call any number of times.
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
