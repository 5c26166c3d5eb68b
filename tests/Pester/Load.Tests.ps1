#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $gap = $IsWindows ? ' (not run: the fake of this test is a shell script)' : ''
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $module = (Get-AmpTestLayout).Module

    # Sixty-four of the fake CLI would be sixty-four .NET runtimes; a shell script does what this takes.
    function Get-LoadCall($Place, [int] $Count) {
        $started = New-Item -ItemType Directory -Path (Join-Path $Place.Root 'started')
        $path = Join-Path $Place.Root 'amp'
        Set-Content -LiteralPath $path -NoNewline -Value @"
#!/bin/sh
case "`$1" in
--version) echo '0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z)'; exit;;
--help) echo '  --no-ide'; exit;;
esac
prompt=`$(cat)
line() { printf '{"type":"%s",%s,"session_id":"T-%s"}\n' "`$1" "`$2" "`$`$"; }
line system '"subtype":"init","cwd":"/","tools":[],"mcp_servers":[]'

# None goes on before all have started: they do run at the same time.
: > '$started'/`$`$
tries=0
while set -- '$started'/*; [ `$# -lt $Count ]; do
    tries=`$((tries + 1)); [ `$tries -lt 2000 ] || exit 75
    sleep 1
done
i=0
while [ `$i -lt 20 ]; do
    line assistant "\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"`$prompt `$i\"}]}"
    i=`$((i + 1))
done
line result "\"subtype\":\"success\",\"is_error\":false,\"num_turns\":1,\"duration_ms\":1,\"result\":\"`$prompt done\""
"@
        chmod +x $path
        @{ CliPath = $path; WorkingDirectory = $Place.Project; Environment = $Place.Environment }
    }

    function Assert-OwnMessage($Runs, [int] $Count) {
        @($Runs).Count | Should -Be $Count
        @($Runs.Number | Sort-Object -Unique).Count | Should -Be $Count
        $Runs.Errors | Should -BeNullOrEmpty
        foreach ($run in $Runs) {
            $own = "prompt $($run.Number)"
            $expected = @('') + (0..19 | ForEach-Object { "$own $_" }) + "$own done"
            $texts = foreach ($message in $run.Messages) {
                switch ($message.Type) { 'assistant' { $message.Text } 'result' { $message.Result } default { '' } }
            }
            $texts -join '|' | Should -BeExactly ($expected -join '|')
            @($run.Messages.ThreadId | Sort-Object -Unique).Count | Should -Be 1
        }

        @($Runs.Messages.ThreadId | Sort-Object -Unique).Count | Should -Be $Count
    }
}

Describe "Sixty-four runs at once in one session$gap" -Skip:([bool] $gap) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-LoadCall $place 64
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'by ForEach-Object -Parallel get their own messages and no others' {
        $runs = 1..64 | ForEach-Object -ThrottleLimit 64 -Parallel {
            Import-Module $using:module
            $call = $using:call
            $messages = Invoke-AmpAgent "prompt $_" @call -ErrorVariable errors -ErrorAction SilentlyContinue
            [pscustomobject]@{ Number = $_; Messages = $messages; Errors = @($errors) }
        }

        Assert-OwnMessage $runs 64
    }

    It 'by Start-ThreadJob get their own messages and no others' {
        $jobs = 1..64 | ForEach-Object {
            $number = $_
            Start-ThreadJob -ThrottleLimit 64 -ScriptBlock {
                $number = $using:number
                $call = $using:call
                Import-Module $using:module
                $messages = Invoke-AmpAgent "prompt $number" @call -ErrorVariable errors -ErrorAction SilentlyContinue
                [pscustomobject]@{ Number = $number; Messages = $messages; Errors = @($errors) }
            }
        }
        $runs = $jobs | Receive-Job -Wait -AutoRemoveJob

        Assert-OwnMessage $runs 64
    }
}
