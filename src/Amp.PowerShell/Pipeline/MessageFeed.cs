using System.Threading.Channels;

namespace Amp.PowerShell.Pipeline;

/// <summary>Hands messages from the pipeline thread to a run that is under way.</summary>
internal sealed class MessageFeed
{
    private readonly Channel<UserInputMessage> _messages = Channel.CreateUnbounded<UserInputMessage>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>The messages in their order; ends after <see cref="Complete"/>.</summary>
    public IAsyncEnumerable<UserInputMessage> Messages => _messages.Reader.ReadAllAsync();

    public void Add(UserInputMessage message) => _messages.Writer.TryWrite(message);

    /// <summary>Says that no more messages come.</summary>
    public void Complete() => _messages.Writer.TryComplete();
}
