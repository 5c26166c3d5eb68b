using System.Text;

namespace Amp.Plans;

/// <summary>What the CLI is given on its standard input: the prompt as it is, or messages in JSON.</summary>
internal abstract class RunInput
{
    /// <summary>Whether the CLI has to be told that messages come and no plain text.</summary>
    public abstract bool IsJson { get; }

    /// <summary>Whether further messages wait for the answers to earlier ones.</summary>
    public virtual bool HasTurns => false;

    public static RunInput Of(string prompt) => new PromptInput(prompt);

    public static RunInput Of(IAsyncEnumerable<UserInputMessage> messages) => new MessageInput(messages);

    /// <summary>The same input in the form in which the agent can be told more when its turn ends.</summary>
    public virtual RunInput WithTurns() => this;

    /// <summary>Writes everything; the caller closes the stream.</summary>
    /// <param name="stream">The CLI's standard input.</param>
    /// <param name="turns">Released at the end of each turn of the agent's.</param>
    /// <param name="dialogue">What is said beside the caller's messages, where there are turns.</param>
    /// <param name="cancellationToken">Cancelled when nobody reads any more.</param>
    public abstract Task WriteAsync(Stream stream, SemaphoreSlim turns, RunDialogue dialogue, CancellationToken cancellationToken);

    /// <remarks>
    /// All CLIs of 2026 that were tried (January to March) cut a plain prompt off at 1 MiB without a word, and damage characters at
    /// the seams of what a pipe delivers at once. A message in JSON arrives whole. Short prompts stay plain, since that is the way
    /// that every version is used in.
    /// </remarks>
    private sealed class PromptInput : RunInput
    {
        // A pipe takes this much in one piece, and text without other characters than ASCII may be cut anywhere.
        private const int LongestPlainAscii = 64 * 1024;

        // What POSIX guarantees to arrive in one piece on every Linux (PIPE_BUF).
        private const int LongestPlain = 4096;

        private readonly ReadOnlyMemory<byte> _bytes;
        private readonly string _prompt;

        public PromptInput(string prompt)
        {
            _prompt = prompt;

            // Half a surrogate pair, which no UTF-8 can carry, becomes a replacement character.
            byte[] plain = Encoding.UTF8.GetBytes(prompt);
            IsJson = plain.Length > LongestPlainAscii || (plain.Length > LongestPlain && plain.Length != prompt.Length);
            _bytes = IsJson ? new UserInputMessage(prompt).ToLine() : plain;
        }

        public override bool IsJson { get; }

        public override RunInput WithTurns() => new MessageInput(Only(new UserInputMessage(_prompt)));

        public override async Task WriteAsync(Stream stream, SemaphoreSlim turns, RunDialogue dialogue, CancellationToken cancellationToken) =>
            await stream.WriteAsync(_bytes, cancellationToken).ConfigureAwait(false);

        private static async IAsyncEnumerable<UserInputMessage> Only(UserInputMessage message)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            yield return message;
        }
    }

    /// <remarks>
    /// A message that arrives while the model answers an earlier one breaks that answer off, and two that wait are answered
    /// together (0.0.1774310664). So each waits for the end of the turn before it. The end of the input waits too: behind a later
    /// message it would end the CLI before that message is answered.
    /// </remarks>
    private sealed class MessageInput : RunInput
    {
        private readonly IAsyncEnumerable<UserInputMessage> _messages;

        public MessageInput(IAsyncEnumerable<UserInputMessage> messages) => _messages = messages;

        public override bool IsJson => true;

        public override bool HasTurns => true;

        public override async Task WriteAsync(Stream stream, SemaphoreSlim turns, RunDialogue dialogue, CancellationToken cancellationToken)
        {
            await foreach (UserInputMessage message in _messages.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                dialogue.CallerSpeaks?.Invoke();
                await HoldTurnAsync(dialogue.Instruction is string more ? new UserInputMessage($"{message.Text}\n\n{more}") : message).ConfigureAwait(false);
            }

            while (dialogue.AtEnd is not null && await dialogue.AtEnd(cancellationToken).ConfigureAwait(false) is string text)
            {
                await HoldTurnAsync(new UserInputMessage(text)).ConfigureAwait(false);
            }

            async Task HoldTurnAsync(UserInputMessage message)
            {
                await SayAsync(message).ConfigureAwait(false);
                while (dialogue.AtEndOfTurn?.Invoke() is string text)
                {
                    await SayAsync(new UserInputMessage(text)).ConfigureAwait(false);
                }
            }

            async Task SayAsync(UserInputMessage message)
            {
                dialogue.Said?.Invoke();
                await stream.WriteAsync(message.ToLine(), cancellationToken).ConfigureAwait(false);
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
                await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

/// <summary>What one run says to the agent beside the messages of the caller.</summary>
internal sealed record RunDialogue
{
    /// <summary>What stands behind each message of the caller's; null for nothing.</summary>
    public string? Instruction { get; init; }

    /// <summary>Called before each message of the caller's is written.</summary>
    public Action? CallerSpeaks { get; init; }

    /// <summary>Called before each message is written.</summary>
    public Action? Said { get; init; }

    /// <summary>Gives what the agent is told at the end of a turn, which goes on with it; null where the turn is over.</summary>
    public Func<string?>? AtEndOfTurn { get; init; }

    /// <summary>Gives what the agent is told when the caller has said everything and the last turn is over; null where the run may end.</summary>
    public Func<CancellationToken, Task<string?>>? AtEnd { get; init; }
}
