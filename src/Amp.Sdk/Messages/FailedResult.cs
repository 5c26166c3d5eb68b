using System.Buffers;
using System.Text.Json;

namespace Amp.Messages;

/// <summary>Makes the result that a failed run would have given: for lists in which every run has one.</summary>
internal static class FailedResult
{
    public static ErrorResultMessage Of(Exception failure, string? threadId)
    {
        ArgumentNullException.ThrowIfNull(failure);
        string errorId = failure switch
        {
            AmpException known => known.ErrorId,
            OperationCanceledException => AmpErrorId.Canceled,
            _ => AmpErrorId.CliFailed,
        };
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "result"u8);
            writer.WriteString("subtype"u8, "error_during_execution"u8);
            writer.WriteBoolean("is_error"u8, true);
            writer.WriteString("error"u8, TerminalText.WithoutSecrets(TerminalText.Strip(failure.Message)));
            writer.WriteString("error_id"u8, errorId);
            if (threadId is not null)
            {
                writer.WriteString("session_id"u8, threadId);
            }

            writer.WriteEndObject();
        }

        ErrorResultMessage result = (ErrorResultMessage)new MessageParser().Parse(line.WrittenSpan);
        result.ForcedOutcome = errorId switch
        {
            AmpErrorId.Canceled => AmpRunOutcome.Canceled,
            AmpErrorId.Timeout or AmpErrorId.IdleTimeout => AmpRunOutcome.TimedOut,
            AmpErrorId.NotAuthenticated => AmpRunOutcome.NotAuthenticated,
            AmpErrorId.BudgetReached => AmpRunOutcome.BudgetReached,
            AmpErrorId.OutputMissing => AmpRunOutcome.OutputMissing,
            AmpErrorId.OutputInvalid => AmpRunOutcome.OutputInvalid,
            AmpErrorId.VerificationFailed => AmpRunOutcome.NotVerified,
            _ => AmpRunOutcome.Failed,
        };
        return result;
    }
}
