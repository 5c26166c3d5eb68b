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

        return (ErrorResultMessage)new MessageParser(account: new Account(OutcomeOf(errorId))).Parse(line.WrittenSpan);
    }

    /// <summary>The outcome of a run that ended with an error.</summary>
    public static ResultOutcome OutcomeOf(string errorId) => errorId switch
    {
        AmpErrorId.Canceled => ResultOutcome.Canceled,
        AmpErrorId.Timeout or AmpErrorId.IdleTimeout => ResultOutcome.TimedOut,
        AmpErrorId.NotAuthenticated => ResultOutcome.NotAuthenticated,
        AmpErrorId.BudgetReached => ResultOutcome.BudgetReached,
        AmpErrorId.OutputMissing => ResultOutcome.OutputMissing,
        AmpErrorId.OutputInvalid => ResultOutcome.OutputInvalid,
        AmpErrorId.VerificationFailed => ResultOutcome.NotVerified,
        _ => ResultOutcome.Failed,
    };

    private sealed class Account(ResultOutcome outcome) : IRunAccount
    {
        public TurnEnd? EndTurn(string? sessionId) => null;

        public ResultFacts Complete(ResultLine line) => ResultFacts.None with { Outcome = outcome };
    }
}
