using System.Text.Json;
using Amp.Json;
using Amp.Text;

namespace Amp.Messages;

/// <summary>The <c>message</c> of an assistant or user line, and the other fields of that line.</summary>
internal sealed class ConversationBody
{
    public string? Id;
    public string? Model;
    public string? StopReason;
    public TokenUsage? Usage;
    public ReadableList<ContentBlock> Content = ReadableList<ContentBlock>.None;
    public AdditionalFields Additional;

    public static ConversationBody Read(JsonReader reader, SystemMessage? start = null)
    {
        ConversationBody body = new();
        reader.Read();
        while (JsonText.NextField(ref reader))
        {
            if (EnvelopeFields.Skip(ref reader))
            {
                continue;
            }

            if (JsonText.Is(ref reader, "message"u8) && JsonField.IsObjectNext(ref reader))
            {
                body.ReadMessage(ref reader);
            }
            else
            {
                body.Additional.Keep(ref reader);
            }
        }

        foreach (ToolUseContent call in start is null ? [] : body.Content.OfType<ToolUseContent>())
        {
            call.Start = start;
        }

        return body;
    }

    // Unknown fields of the inner object are kept under "message", as in the line.
    private void ReadMessage(ref JsonReader reader)
    {
        AdditionalFields inner = default;
        while (JsonText.NextField(ref reader))
        {
            if (JsonText.Is(ref reader, "content"u8))
            {
                Content = ReadableList<ContentBlock>.Over(ContentReader.Read(ref reader, ref inner));
            }
            else if (JsonText.Is(ref reader, "stop_reason"u8))
            {
                StopReason = JsonField.RecurringString(ref reader, ref inner);
            }
            else if (JsonText.Is(ref reader, "usage"u8))
            {
                Usage = JsonField.Object(ref reader, ref inner, TokenUsage.Read);
            }
            else if (JsonText.Is(ref reader, "id"u8))
            {
                Id = JsonField.String(ref reader, ref inner);
            }
            else if (JsonText.Is(ref reader, "model"u8))
            {
                Model = JsonField.RecurringString(ref reader, ref inner);
            }
            else
            {
                inner.Keep(ref reader);
            }
        }

        if (!inner.IsEmpty)
        {
            Additional.Add("message", inner.Properties);
        }
    }
}
