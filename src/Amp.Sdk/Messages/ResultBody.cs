using System.Text.Json;
using Amp.Json;

namespace Amp.Messages;

/// <summary>The fields of a result line in addition to the envelope.</summary>
internal sealed class ResultBody
{
    public string? Subtype;
    public string? Result;
    public string? Error;
    public bool? IsError;
    public long? DurationMs;
    public long? NumTurns;
    public TokenUsage? Usage;
    public object?[]? PermissionDenials;
    public AdditionalFields Additional;

    public static ResultBody Read(JsonReader reader)
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

    private void Take(ref JsonReader reader)
    {
        if (JsonText.Is(ref reader, "subtype"u8))
        {
            Subtype = JsonField.String(ref reader, ref Additional);
        }
        else if (JsonText.Is(ref reader, "result"u8))
        {
            Result = JsonField.String(ref reader, ref Additional);
        }
        else if (JsonText.Is(ref reader, "error"u8))
        {
            Error = JsonField.String(ref reader, ref Additional);
        }
        else if (JsonText.Is(ref reader, "is_error"u8))
        {
            IsError = JsonField.Boolean(ref reader, ref Additional);
        }
        else if (JsonText.Is(ref reader, "duration_ms"u8))
        {
            DurationMs = JsonField.Integer(ref reader, ref Additional);
        }
        else if (JsonText.Is(ref reader, "num_turns"u8))
        {
            NumTurns = JsonField.Integer(ref reader, ref Additional);
        }
        else if (JsonText.Is(ref reader, "usage"u8))
        {
            Usage = JsonField.Object(ref reader, ref Additional, TokenUsage.Read);
        }
        else if (JsonText.Is(ref reader, "permission_denials"u8))
        {
            TakePermissionDenials(ref reader);
        }
        else
        {
            Additional.Keep(ref reader);
        }
    }

    private void TakePermissionDenials(ref JsonReader reader)
    {
        object? denials = JsonField.Any(ref reader);
        PermissionDenials = denials as object?[];
        if (PermissionDenials is null && denials is not null)
        {
            Additional.Add("permission_denials", denials);
        }
    }
}
