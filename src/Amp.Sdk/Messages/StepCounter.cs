using Amp.Json;

namespace Amp.Messages;

/// <summary>Counts the usage of the model's messages. If an answer consists of several messages, each may report the usage of the whole.</summary>
internal sealed class StepCounter
{
    private StepFacts? _facts;
    private StepUsage _step;

    /// <summary>The usage so far.</summary>
    public StepUsage Usage { get; private set; }

    /// <summary>Counts a message of the model whose facts are known.</summary>
    public StepCount Add(bool isSubagent, StepFacts facts)
    {
        StepUsage added = facts.ContinuesStep ? facts.Usage.Beyond(_step) : facts.Usage;
        _step = facts.ContinuesStep ? _step.Plus(added) : facts.Usage;
        Usage = Usage.Plus(added);
        return new StepCount(
            added.Total, facts.Usage.IsTold || facts.ContinuesStep, facts.ToolUses.Count, IsTurn: !isSubagent && !facts.ContinuesStep)
        {
            Usage = added,
        };
    }

    /// <summary>Counts a message of the model that was parsed elsewhere.</summary>
    public StepCount Add(AssistantMessage message)
    {
        _facts ??= new StepFacts(Permissions.ToolboxNames.None);
        _facts.Clear();
        JsonReader reader = JsonText.Open(message.Line);
        reader.Read();
        while (JsonText.NextField(ref reader))
        {
            bool isMessage = JsonText.Is(ref reader, "message"u8);
            reader.Read();
            if (isMessage)
            {
                _facts.Read(ref reader);
            }

            reader.Skip();
        }

        _facts.Complete();
        return Add(message.ParentToolUseId is not null, _facts);
    }
}
