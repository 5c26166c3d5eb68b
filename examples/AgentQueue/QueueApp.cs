using Amp;
using OpenTelemetry.Trace;

namespace AgentQueue;

/// <summary>Puts the service together.</summary>
public static class QueueApp
{
    /// <summary>Creates the service.</summary>
    /// <param name="args">The arguments, which can set every key of the configuration.</param>
    /// <param name="configure">Changes the service before it is built; null for no changes.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // A service manager starts programs in any folder.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        configure?.Invoke(builder);
        QueueSettings settings = builder.Configuration.GetSection("Queue").Get<QueueSettings>() ?? new QueueSettings();

        builder.Services.AddAmp(builder.Configuration.GetSection("Amp"))
            .AddThrottle(settings.Workers)
            .AddBudget(_ => new AmpBudget(settings.TokenLimit));
        builder.Services.AddHealthChecks().AddAmp();
        builder.Services.AddOpenTelemetry().WithTracing(traces =>
        {
            traces.AddSource("Microsoft.AspNetCore", QueueWorker.SourceName, AmpTelemetry.SourceName);
            if (settings.Traces == "console")
            {
                traces.AddConsoleExporter();
            }
        });
        builder.Services.AddSingleton(settings).AddSingleton<JobStore>().AddHostedService<QueueWorker>();

        WebApplication app = builder.Build();
        app.MapHealthChecks("/health");
        app.MapPost("/jobs", (JobRequest request, JobStore queue) =>
            string.IsNullOrWhiteSpace(request.Prompt) ? Results.BadRequest("A job requires a prompt.")
            : queue.Add(request) is Job job ? Results.Accepted($"/jobs/{job.Id}", job)
            : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/jobs/{id:guid}", (Guid id, JobStore queue) => queue.Find(id) is Job job ? Results.Ok(job) : Results.NotFound());
        app.MapDelete("/jobs/{id:guid}", (Guid id, JobStore queue) =>
        {
            queue.Find(id)?.RequestCancellation();
            return Results.NoContent();
        });
        return app;
    }
}

/// <summary>The settings of the queue.</summary>
public sealed record QueueSettings
{
    /// <summary>How many agents are at work at a time.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>How many jobs can wait.</summary>
    public int Capacity { get; init; } = 100;

    /// <summary>How many tokens all jobs can use together.</summary>
    public long TokenLimit { get; init; } = 5_000_000;

    /// <summary><c>console</c> to write traces to the console.</summary>
    public string? Traces { get; init; }
}
