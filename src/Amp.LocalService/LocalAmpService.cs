using System.Net;
using Amp.LocalService.Actors;
using Amp.LocalService.Http;
using Amp.LocalService.Mcp;
using Amp.LocalService.Model;
using Amp.LocalService.Scenarios;
using Amp.LocalService.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Amp.LocalService;

/// <summary>A stand-in for the Amp service on this machine: the real CLI runs against it without network, key or bill.</summary>
public sealed class LocalAmpService : IAsyncDisposable
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromMilliseconds(500);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping;
    private readonly RequestLog _log;
    private readonly ThreadStore _threads;
    private ActorSurroundings? _actors;
    private McpEndpoint? _mcp;
    private int _isStopped;

    private LocalAmpService(WebApplication application, CancellationTokenSource stopping, RequestLog log, ThreadStore threads)
    {
        _application = application;
        _stopping = stopping;
        _log = log;
        _threads = threads;
    }

    /// <summary>The address to give the CLI as <c>AMP_URL</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The address of the scenario's MCP server; null where the scenario has none.</summary>
    public string? McpUrl => _mcp is null ? null : Url + McpEndpoint.Path;

    /// <summary>The last calls of tools of the scenario's MCP server, oldest first.</summary>
    public IReadOnlyList<McpCall> McpCalls => _mcp?.Calls ?? [];

    /// <summary>The last requests to the model, oldest first.</summary>
    public IReadOnlyList<ModelRequest> Requests => _log.Snapshot();

    /// <summary>What plugins of a native CLI asked the user, such as whether a guarded file may be written, oldest first and as JSON.</summary>
    public IReadOnlyList<string> PluginRequests => _actors?.PluginRequests.ToArray() ?? [];

    /// <summary>The threads that the CLI has uploaded, the last changed one first.</summary>
    public IReadOnlyList<StoredThread> Threads => _threads.Snapshot();

    /// <summary>Starts a service; it accepts connections when this returns.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<LocalAmpService> StartAsync(LocalServiceOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LocalServiceOptions();
        var threads = new ThreadStore(options.DataFolder);
        var log = new RequestLog(options.RecordedRequests, options.RecordPath);
        var stopping = new CancellationTokenSource();
        WebApplication application = Build(options.Port);
        var service = new LocalAmpService(application, stopping, log, threads);
        try
        {
            service.MapRoutes(options);
            await application.StartAsync(cancellationToken);
            service.Url = application.Urls.Single();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the service; requests that wait for an answer are broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        using (var limit = new CancellationTokenSource(s_stopLimit))
        {
            try
            {
                await _application.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // Connections that were still open at the limit are closed by force.
            }
        }

        await _application.DisposeAsync();
        _stopping.Dispose();
        _log.Dispose();
    }

    // The empty builder reads no settings of the surroundings: no variable or file moves the service off loopback,
    // and it takes no signal from the program that hosts it.
    private static WebApplication Build(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MostBytes;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        return builder.Build();
    }

    private void MapRoutes(LocalServiceOptions options)
    {
        var gate = new RequestGate(options.ApiKey, options.Log);
        var player = new ScenarioPlayer(options.Scenario);
        var model = new ModelEndpoint(player, _log, _stopping.Token);
        var calls = new InternalCalls(_threads, options.IsEnterprise);
        var threads = new ThreadEndpoints(_threads);
        _actors = new ActorSurroundings(_threads, player, _log, _stopping.Token);
        var actors = new ThreadActorEndpoint(_actors);
        _application.Use(next => context => gate.PassAsync(context, next));
        _application.UseWebSockets();
        _application.UseRouting();
        _application.MapPost("/api/internal", calls.AnswerAsync);
        _application.MapPost("/api/provider/anthropic/v1/messages", model.AnswerAsync);
        _application.MapPost("/api/provider/google/{**path}", new GoogleEndpoint(player).AnswerAsync);
        _application.MapGet("/api/threads", threads.ListAsync);
        _application.MapGet("/api/threads/find", threads.FindAsync);
        _application.MapGet("/api/threads/{id}", threads.ShowAsync);
        _application.MapPost("/api/threads/sync", threads.SyncAsync);
        _application.MapPost("/api/thread-actors", actors.OpenAsync);
        _application.MapPost("/api/thread-actors/{id}", SendNothingAsync);
        _application.MapGet(ThreadActorEndpoint.WebSocketPath, actors.ConnectAsync);
        _application.MapPost(ThreadActorEndpoint.SocketPath + "/gateway/threadActor/request/import", SendNothingAsync);
        _application.MapGet(ThreadActorEndpoint.SocketPath + "/gateway/threadActor/request/raw-thread", actors.ShowAsync);
        _application.MapGet("/api/durable-thread-workers/{id}", SendNothingAsync);
        _application.MapPost("/api/telemetry", SendNothingAsync);
        if (options.Scenario.Mcp is { } server)
        {
            _mcp = new McpEndpoint(server);
            _application.Map(McpEndpoint.Path, _mcp.AnswerAsync);
        }

        _application.Map("/{**path}", SayUnknownAsync);
    }

    private static Task SendNothingAsync(HttpContext context) => JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new { });

    private static Task SayUnknownAsync(HttpContext context)
    {
        string error = $"The local service knows no {context.Request.Method} {context.Request.Path}";
        return JsonAnswer.SendAsync(context, StatusCodes.Status404NotFound, new { error });
    }
}
