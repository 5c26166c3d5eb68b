using System.Runtime.CompilerServices;
using System.Text;
using Amp.Services;

namespace Amp.Plans;

/// <summary>The standard input of the CLI: the plain prompt, or messages in JSON.</summary>
internal abstract class RunInput
{
    /// <summary>Whether the CLI must be told that the input is messages instead of plain text.</summary>
    public abstract bool IsJson { get; }

    /// <summary>Whether messages wait for the answers to earlier ones.</summary>
    public virtual bool HasTurns => false;

    /// <summary>Whether the caller can send more messages, so that only the caller knows the whole input.</summary>
    public virtual bool IsOpen => false;

    /// <summary>What the user says; null if it is not known in advance.</summary>
    public string? Text { get; private init; }

    /// <summary>Whether it is known to contain images.</summary>
    public virtual bool HasImages => false;

    public static RunInput Of(string prompt) => new PromptInput(prompt);

    public static RunInput Of(IAsyncEnumerable<UserInputMessage> messages) => new MessageInput(messages, isOpen: true, hasImages: false);

    /// <summary>Gets the same input with images for the agent.</summary>
    /// <exception cref="AmpValidationException">The input is a conversation, whose messages have images of their own.</exception>
    public virtual RunInput WithImages(IReadOnlyList<InputImage> images) => throw new AmpValidationException(
        "AmpOptions.Images cannot be used for a conversation.", nameof(AmpOptions.Images), "Give the images to the message that they belong to.");

    /// <summary>Gets the same input in the form in which the agent can get another message when its turn ends.</summary>
    public virtual RunInput WithTurns() => this;

    /// <summary>Writes everything. The caller closes the stream.</summary>
    /// <param name="stream">The standard input of the CLI.</param>
    /// <param name="turns">Released at the end of each turn of the agent.</param>
    /// <param name="dialogue">The messages in addition to the caller's, if there are turns.</param>
    /// <param name="cancellationToken">Canceled when the input is no longer read.</param>
    /// <exception cref="InputClosedException">The CLI does not read it anymore. Every other exception is that of the caller's messages.</exception>
    public abstract Task WriteAsync(Stream stream, SemaphoreSlim turns, RunDialogue dialogue, CancellationToken cancellationToken);

    // Only here, because the caller's messages can be read from a file that does not exist.
    private static async Task SendAsync(Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new InputClosedException(exception);
        }
    }

    /// <remarks>
    /// All CLIs of 2026 that were tested (January to March) truncate a plain prompt at 1 MiB without an error, and damage characters at the
    /// boundaries of pipe chunks. A message in JSON arrives completely. Short prompts stay plain, because every version is used in this
    /// way.
    /// </remarks>
    private sealed class PromptInput : RunInput
    {
        // A pipe accepts this size at once, and ASCII text can be split anywhere.
        private const int LongestPlainAscii = 64 * 1024;

        // The size that POSIX guarantees to arrive at once on every Linux (PIPE_BUF).
        private const int LongestPlain = 4096;

        private readonly ReadOnlyMemory<byte> _bytes;
        private readonly string _prompt;

        public PromptInput(string prompt)
        {
            _prompt = prompt;
            Text = prompt;

            // Half a surrogate pair, which UTF-8 cannot represent, becomes a replacement character.
            byte[] plain = Encoding.UTF8.GetBytes(prompt);
            IsJson = plain.Length > LongestPlainAscii || (plain.Length > LongestPlain && plain.Length != prompt.Length);
            _bytes = IsJson ? new UserInputMessage(prompt).ToLine() : plain;
        }

        public override bool IsJson { get; }

        public override RunInput WithTurns() => OfOne(new UserInputMessage(_prompt));

        public override RunInput WithImages(IReadOnlyList<InputImage> images) => OfOne(new UserInputMessage(_prompt, images));

        public override Task WriteAsync(Stream stream, SemaphoreSlim turns, RunDialogue dialogue, CancellationToken cancellationToken) =>
            SendAsync(stream, _bytes, cancellationToken);

        private static MessageInput OfOne(UserInputMessage message) => new(Only(message), isOpen: false, message.Images.Count > 0) { Text = message.Text };

        private static async IAsyncEnumerable<UserInputMessage> Only(UserInputMessage message)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            yield return message;
        }
    }

    /// <remarks>
    /// A message that arrives while the model answers an earlier one interrupts that answer, and two waiting messages get one answer
    /// (0.0.1774310664). Therefore, each message waits for the end of the previous turn. Closing the input also waits: after a later
    /// message, it would end the CLI before that message is answered.
    /// </remarks>
    private sealed class MessageInput : RunInput
    {
        private readonly IAsyncEnumerable<UserInputMessage> _messages;

        public MessageInput(IAsyncEnumerable<UserInputMessage> messages, bool isOpen, bool hasImages)
        {
            _messages = messages;
            IsOpen = isOpen;
            HasImages = hasImages;
        }

        public override bool IsOpen { get; }

        public override bool HasImages { get; }

        public override bool IsJson => true;

        public override bool HasTurns => true;

        public override async Task WriteAsync(Stream stream, SemaphoreSlim turns, RunDialogue dialogue, CancellationToken cancellationToken)
        {
            bool hasSpoken = false;
            await foreach (UserInputMessage message in AwaitedAsync(dialogue.CallerWait, cancellationToken).ConfigureAwait(false))
            {
                hasSpoken = true;
                dialogue.CallerSpeaks?.Invoke();
                await HoldTurnAsync(dialogue.Instruction is string more ? message.WithText($"{message.Text}\n\n{more}") : message).ConfigureAwait(false);
            }

            if (!hasSpoken)
            {
                // The CLIs of March to July 2026 would wait for one forever (0.0.1774310664 to 0.0.1784106548).
                throw new AmpValidationException("The conversation has no message.", "messages", "Give at least one message.");
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
                dialogue.Said?.Invoke(message);
                dialogue.CallerWait.IsCliBusy = true;
                await SendAsync(stream, message.ToLine(), cancellationToken).ConfigureAwait(false);
                await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        // The caller can take any time for the next message, while the CLI has nothing to do.
        private async IAsyncEnumerable<UserInputMessage> AwaitedAsync(RunWork wait, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            IAsyncEnumerator<UserInputMessage> messages = _messages.GetAsyncEnumerator(cancellationToken);
            await using ConfiguredAsyncDisposable owned = messages.ConfigureAwait(false);
            while (true)
            {
                wait.Begin();
                try
                {
                    if (!await messages.MoveNextAsync().ConfigureAwait(false))
                    {
                        yield break;
                    }
                }
                finally
                {
                    wait.End();
                }

                yield return messages.Current;
            }
        }
    }
}

/// <summary>The CLI does not read its input anymore.</summary>
/// <param name="cause">The failure of the stream.</param>
internal sealed class InputClosedException(Exception cause) : Exception(cause.Message, cause);

/// <summary>The messages of a run to the agent in addition to the caller's.</summary>
internal sealed record RunDialogue
{
    /// <summary>The wait for the caller's next message.</summary>
    public RunWork CallerWait { get; init; } = new();

    /// <summary>The text after each message of the caller; null for none.</summary>
    public string? Instruction { get; init; }

    /// <summary>Called before each message of the caller is written.</summary>
    public Action? CallerSpeaks { get; init; }

    /// <summary>Called with each message before it is written.</summary>
    public Action<UserInputMessage>? Said { get; init; }

    /// <summary>Gets the message to the agent at the end of a turn, which continues the turn; null if the turn has ended.</summary>
    public Func<string?>? AtEndOfTurn { get; init; }

    /// <summary>
    /// Gets the message to the agent when the caller has no more messages and the last turn has ended; null if the run can end.
    /// </summary>
    public Func<CancellationToken, Task<string?>>? AtEnd { get; init; }
}
