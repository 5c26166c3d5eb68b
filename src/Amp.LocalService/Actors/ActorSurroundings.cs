using System.Collections.Concurrent;
using Amp.LocalService.Model;
using Amp.LocalService.Scenarios;
using Amp.LocalService.Threads;

namespace Amp.LocalService.Actors;

/// <summary>What all thread actors of a service share.</summary>
internal sealed record ActorSurroundings(ThreadStore Threads, ScenarioPlayer Player, RequestLog Log, CancellationToken Stopping)
{
    /// <summary>What plugins of the CLI have asked the user, as JSON.</summary>
    public ConcurrentQueue<string> PluginRequests { get; } = new();
}
