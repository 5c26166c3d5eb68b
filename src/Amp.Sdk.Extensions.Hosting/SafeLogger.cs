using Microsoft.Extensions.Logging;

namespace Amp;

/// <summary>Passes log entries on. A logging provider that fails must not change the outcome of a run.</summary>
/// <param name="logger">The logger of the host, which throws what its providers throw.</param>
internal sealed class SafeLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            // The entry is for the other providers.
            return true;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // The other providers have the entry.
        }
    }
}
