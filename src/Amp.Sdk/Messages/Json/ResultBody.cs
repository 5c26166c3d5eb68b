using System.Text.Json;

namespace Amp.Messages.Json;

/// <summary>What stands on a result's line beside the envelope.</summary>
internal sealed class ResultBody
{
    public string? Subtype;
    public string? Result;
    public string? Error;
    public bool? IsError;
    public long? DurationMs;
    public long? NumTurns;
    public Usage? Usage;
    public object?[]? PermissionDenials;
    public AdditionalFields Additional;

    public static ResultBody Read(Utf8JsonReader reader)
    {
        ResultBody body = new();
        reader.Read();
        while (JsonText.NextField(ref reader))
        {
            if (!EnvelopeFields.Skip(ref reader))
            {
                body.Take(ref reader);
            }
        }

        return body;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("subtype"u8))
        {
            Subtype = JsonField.String(ref reader, ref Additional);
        }
        else if (reader.ValueTextEquals("result"u8))
        {
            Result = JsonField.String(ref reader, ref Additional);
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            Error = JsonField.String(ref reader, ref Additional);
        }
        else if (reader.ValueTextEquals("is_error"u8))
        {
            IsError = JsonField.Boolean(ref reader, ref Additional);
        }
        else if (reader.ValueTextEquals("duration_ms"u8))
        {
            DurationMs = JsonField.Integer(ref reader, ref Additional);
        }
        else if (reader.ValueTextEquals("num_turns"u8))
        {
            NumTurns = JsonField.Integer(ref reader, ref Additional);
        }
        else if (reader.ValueTextEquals("usage"u8))
        {
            Usage = JsonField.Object(ref reader, ref Additional, Amp.Usage.Read);
        }
        else if (reader.ValueTextEquals("permission_denials"u8))
        {
            TakePermissionDenials(ref reader);
        }
        else
        {
            Additional.Keep(ref reader);
        }
    }

    private void TakePermissionDenials(ref Utf8JsonReader reader)
    {
        object? denials = JsonField.Any(ref reader);
        PermissionDenials = denials as object?[];
        if (PermissionDenials is null && denials is not null)
        {
            Additional.Add("permission_denials", denials);
        }
    }
}
