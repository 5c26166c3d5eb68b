using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Messages;

namespace Amp;

/// <summary>A line of a type that this version does not know. All its fields are in the additional properties.</summary>
[JsonConverter(typeof(StreamMessageJsonConverter<UnknownMessage>))]
public sealed class UnknownMessage : StreamMessage
{
    private OrderedDictionary? _fields;

    internal UnknownMessage(in MessageEnvelope envelope)
        : base(envelope)
    {
    }

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => _fields ??= Read(OpenLine());

    /// <summary>Returns the line as the CLI wrote it.</summary>
    public override string ToString() => RawJson;

    private static OrderedDictionary Read(JsonReader reader)
    {
        AdditionalFields fields = default;
        reader.Read();
        while (JsonText.NextField(ref reader))
        {
            if (!EnvelopeFields.Skip(ref reader))
            {
                fields.Keep(ref reader);
            }
        }

        return fields.Properties;
    }
}
