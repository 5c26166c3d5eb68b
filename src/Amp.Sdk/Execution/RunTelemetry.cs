using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using Amp.Messages;

namespace Amp.Execution;

/// <summary>Watches the events of a run, or of a turn of a session, for those who listen to <see cref="AmpTelemetry"/>.</summary>
internal sealed class RunTelemetry
{
    private const int MostOpenCalls = 1000;

    private readonly RunPlan _plan;
    private readonly bool _isTurn;
    private readonly Activity? _activity;
    private readonly bool _hasContent;
    private readonly Dictionary<string, Activity> _calls = new(StringComparer.Ordinal);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly StepCounter _steps = new();
    private StepUsage? _usage;
    private bool _hasThread;
    private bool _isComplete;
    private string? _model;
    private string? _error;
    private string? _answer;

    private RunTelemetry(RunPlan plan, string? prompt, bool isTurn)
    {
        _plan = plan;
        _isTurn = isTurn;
        _activity = AmpTelemetry.Source.StartActivity("invoke_agent Amp", ActivityKind.Client);
        _hasContent = AmpTelemetry.CapturesContent && _activity is { IsAllDataRequested: true };
        Tag("gen_ai.operation.name", "invoke_agent");
        Tag("gen_ai.provider.name", "amp");
        Tag("gen_ai.agent.name", "Amp");
        Tag("amp.cli.version", plan.Cli?.Version);
        Tag("amp.mode", plan.Options.Mode);
        if (prompt is not null)
        {
            TagContent("gen_ai.input.messages", "user", prompt);
        }
    }

    /// <summary>Passes events on, and measures them if anybody listens.</summary>
    /// <param name="events">Gets the events. It is called in the activity of the run, which the CLI inherits.</param>
    /// <param name="plan">The plan of the run.</param>
    /// <param name="prompt">What the user says, if it is known before the run.</param>
    /// <param name="isTurn">Whether the events are those of a turn of a session, which ends with the agent's answer.</param>
    public static IAsyncEnumerable<AmpEvent> Observe(Func<IAsyncEnumerable<AmpEvent>> events, RunPlan plan, string? prompt, bool isTurn = false) =>
        AmpTelemetry.IsOn ? ObserveAsync(events, () => Begin(plan, prompt, isTurn), CancellationToken.None) : events();

    private static async IAsyncEnumerable<AmpEvent> ObserveAsync(
        Func<IAsyncEnumerable<AmpEvent>> events, Func<RunTelemetry?> begin, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RunTelemetry? run = begin();
        IAsyncEnumerator<AmpEvent>? source = null;
        ExceptionDispatchInfo? failure = null;
        bool isRead = false;
        try
        {
            while (!isRead)
            {
                try
                {
                    // The caller's activity is the current one again after each event.
                    Activity.Current = run?._activity ?? Activity.Current;
                    source ??= events().GetAsyncEnumerator(cancellationToken);
                    isRead = !await source.MoveNextAsync().ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                    break;
                }

                if (!isRead)
                {
                    run?.Try(static (self, item) => self.Note(item), source.Current);
                    yield return source.Current;
                }
            }
        }
        finally
        {
            try
            {
                if (source is not null)
                {
                    await source.DisposeAsync().ConfigureAwait(false);
                }
            }
            finally
            {
                run?.Try(static (self, end) => self.End(end.Failure, end.IsRead), (Failure: failure?.SourceException, IsRead: isRead));
            }
        }

        failure?.Throw();
    }

    // Null if a listener has failed. What listeners do must not change what comes of a run.
    private static RunTelemetry? Begin(RunPlan plan, string? prompt, bool isTurn)
    {
        try
        {
            return new RunTelemetry(plan, prompt, isTurn);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private void Try<T>(Action<RunTelemetry, T> work, T value)
    {
        try
        {
            work(this, value);
        }
        catch (Exception)
        {
            // The code of a listener has failed, which is not the run's concern.
        }
    }

    private void Note(AmpEvent item)
    {
        if (!_hasThread && item.Message?.SessionId is string thread)
        {
            _hasThread = true;
            Tag("gen_ai.conversation.id", thread);
        }

        if (item.Message is StreamMessage message)
        {
            // A reader that leaves with the last message has read everything.
            _isComplete = message is ResultMessage || (_isTurn && message is AssistantMessage { EndsTurn: true });
        }

        switch (item.Message)
        {
            case AssistantMessage said:
                Note(said);
                break;
            case UserMessage answer:
                foreach (ToolResultContent result in answer.ToolResult)
                {
                    EndCall(result);
                }

                break;
            case ResultMessage result:
                Tag("amp.outcome", result.Outcome.ToString());
                _answer = result.Result;

                // The usage of a result can be that of a whole process of a session, so it counts only if the messages have none.
                _usage ??= result.Usage?.ToStep();
                _error = result is ErrorResultMessage failed ? new AmpAgentException(failed).ErrorId : null;
                break;
        }
    }

    private void Note(AssistantMessage message)
    {
        _model = message.ParentToolUseId is null ? message.Model ?? _model : _model;
        _steps.Add(message);
        _usage = message.Usage is null ? _usage : _steps.Usage;
        if (message.EndsTurn)
        {
            _answer = message.Text;
        }

        if (_activity is null || !message.CallsTool)
        {
            return;
        }

        foreach (ToolUseContent call in message.ToolUse)
        {
            if (call.Id is string id && _calls.Count < MostOpenCalls && !_calls.ContainsKey(id))
            {
                BeginCall(call, id, message.ParentToolUseId);
            }
        }
    }

    private void BeginCall(ToolUseContent call, string id, string? parent)
    {
        ActivityContext context = (parent is not null && _calls.TryGetValue(parent, out Activity? outer) ? outer : _activity!).Context;
        if (AmpTelemetry.Source.StartActivity($"execute_tool {call.Name}", ActivityKind.Internal, context) is not Activity activity)
        {
            return;
        }

        activity.SetTag("gen_ai.operation.name", "execute_tool");
        activity.SetTag("gen_ai.tool.name", call.Name);
        activity.SetTag("gen_ai.tool.call.id", id);
        activity.SetTag("amp.tool.kind", call.Kind.ToString());
        if (_hasContent)
        {
            activity.SetTag("gen_ai.tool.call.arguments", _plan.Redact(call.InputJson));
        }

        _calls.Add(id, activity);
        Activity.Current = _activity;
    }

    private void EndCall(ToolResultContent result)
    {
        if (result.ToolUseId is not string id || !_calls.Remove(id, out Activity? activity))
        {
            return;
        }

        if (_hasContent)
        {
            activity.SetTag("gen_ai.tool.call.result", _plan.Redact(result.Text));
        }

        if (result.IsError)
        {
            activity.SetTag("error.type", "tool_error");
            activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Dispose();
    }

    private void End(Exception? failure, bool isRead)
    {
        try
        {
            Close(failure, isRead);
        }
        finally
        {
            _activity?.Dispose();
        }

        Measure();
    }

    private void Close(Exception? failure, bool isRead)
    {
        _error = failure switch
        {
            null => isRead || _isComplete ? _error : nameof(StopReason.Abandoned),
            AmpException known => known.ErrorId,
            OperationCanceledException => nameof(ResultOutcome.Canceled),
            _ => failure.GetType().FullName,
        };
        foreach (Activity call in _calls.Values)
        {
            call.SetTag("error.type", "no_result");
            call.SetStatus(ActivityStatusCode.Error);
            call.Dispose();
        }

        Tag("gen_ai.response.model", _model);
        Tag("gen_ai.usage.input_tokens", _usage?.WholeInput);
        Tag("gen_ai.usage.output_tokens", _usage?.Output);
        Tag("error.type", _error);
        if (_answer is not null)
        {
            TagContent("gen_ai.output.messages", "assistant", _answer);
        }

        if (_error is not null)
        {
            _activity?.SetStatus(ActivityStatusCode.Error, _error);
        }
    }

    private void Measure()
    {
        TagList tags = new()
        {
            { "gen_ai.operation.name", "invoke_agent" },
            { "gen_ai.provider.name", "amp" },
        };
        if (_model is not null)
        {
            tags.Add("gen_ai.response.model", _model);
        }

        if (_usage is StepUsage usage)
        {
            AmpTelemetry.Tokens.Record(usage.WholeInput, [.. tags, new("gen_ai.token.type", "input")]);
            AmpTelemetry.Tokens.Record(usage.Output, [.. tags, new("gen_ai.token.type", "output")]);
        }

        if (_error is not null)
        {
            tags.Add("error.type", _error);
        }

        AmpTelemetry.Duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, tags);
    }

    private void Tag(string name, object? value)
    {
        if (value is not null)
        {
            _activity?.SetTag(name, value);
        }
    }

    private void TagContent(string name, string role, string text)
    {
        if (_hasContent)
        {
            Tag(name, $$"""[{"role":"{{role}}","parts":[{"type":"text","content":{{Quoted(_plan.Redact(text))}}}]}]""");
        }
    }

    // A writer of JSON replaces half a surrogate pair, which an encoder refuses.
    private static string Quoted(string text)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStringValue(Encoding.UTF8.GetBytes(text));
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
