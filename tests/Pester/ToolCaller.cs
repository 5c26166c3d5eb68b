using System;
using System.Management.Automation;
using System.Reflection;
using System.Threading;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.Tools;

namespace Amp.Tests
{
    /// <summary>Calls a tool as a run does, without a CLI: on this thread, in the session of whoever calls this.</summary>
    [Cmdlet(VerbsLifecycle.Invoke, "TestTool")]
    public sealed class InvokeTestToolCommand : AmpCmdlet
    {
        private object _invocation;

        [Parameter(Mandatory = true)]
        public CommandTool Tool { get; set; }

        [Parameter(Mandatory = true, ValueFromPipeline = true)]
        public string InputJson { get; set; }

        [Parameter]
        public SwitchParameter AllowToolChange { get; set; }

        [Parameter]
        public int ToolTimeoutSec { get; set; } = 120;

        protected override void BeginProcessing()
        {
            Type type = typeof(CommandTool).Assembly.GetType("Amp.PowerShell.Tools.ToolInvocation", true);
            _invocation = Activator.CreateInstance(type, Tool, (bool)AllowToolChange, TimeSpan.FromSeconds(ToolTimeoutSec));
        }

        protected override void ProcessRecord()
        {
            WriteObject(_invocation.GetType().GetMethod("Run").Invoke(_invocation, new object[] { this, InputJson, StopToken }));
        }

        protected override void Dispose(bool disposing)
        {
            if (_invocation != null)
            {
                PropertyInfo processes = _invocation.GetType().GetProperty("Processes");
                if (processes != null && processes.GetValue(_invocation) is IDisposable held)
                {
                    held.Dispose();
                }
            }

            base.Dispose(disposing);
        }
    }
}
