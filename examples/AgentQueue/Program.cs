// A service that runs agents from a queue. Try it:
//   dotnet run --project examples/AgentQueue -- --urls=http://127.0.0.1:5000 --Amp:WorkingDirectory=. --Queue:Traces=console
//   curl -i http://127.0.0.1:5000/jobs -H 'Content-Type: application/json' -d '{"prompt":"What does this project do?"}'
// Ctrl+C and SIGTERM stop the agents that are at work, and everything they started, before the service exits.
await AgentQueue.QueueApp.Create(args).RunAsync();
