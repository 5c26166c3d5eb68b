using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Amp.Sdk.Extensions.Tests.Hosting;

/// <summary>An entry of a log.</summary>
internal sealed record LogEntry(string Category, LogLevel Level, EventId Id, string Text, IReadOnlyDictionary<string, object?> Values, Exception? Exception);

/// <summary>Keeps what is logged.</summary>
internal sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    /// <summary>What the clients of the library logged.</summary>
    public IReadOnlyList<LogEntry> OfRuns => [.. _entries.Where(entry => entry.Category == "Amp.AgentClient")];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            capture._entries.Enqueue(new LogEntry(
                category,
                logLevel,
                eventId,
                formatter(state, exception),
                (state as IEnumerable<KeyValuePair<string, object?>> ?? []).ToDictionary(pair => pair.Key, pair => pair.Value),
                exception));
    }
}
