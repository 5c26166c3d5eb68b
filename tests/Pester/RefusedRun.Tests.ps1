#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'A run that cannot be started' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place

        # Gives the error that ended the statement, after a look that nothing was started for it.
        function Get-Refusal([scriptblock] $Statement) {
            try {
                $null = & $Statement
            } catch {
                Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
                return $_
            }

            throw 'It was not refused.'
        }

        function Assert-Refusal($ErrorRecord, $Id, $Category, $Target, $Message) {
            $ErrorRecord.FullyQualifiedErrorId | Should -Be "$Id,Amp.PowerShell.Commands.InvokeAmpAgentCommand"
            $ErrorRecord.CategoryInfo.Category | Should -Be $Category
            $ErrorRecord.TargetObject | Should -Be $Target
            $ErrorRecord.Exception.Message | Should -BeLike $Message
            $ErrorRecord.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'has no CLI anywhere: the error tells where it was looked for and how to install one' {
        $empty = Join-Path $place.Root 'empty'
        $null = New-Item -ItemType Directory -Path $empty
        $call.Remove('CliPath')
        $call.Environment.PATH = $empty
        $refusal = Get-Refusal { Invoke-AmpAgent 'go' @call }

        Assert-Refusal $refusal 'CliNotFound' 'ObjectNotFound' $null "*$empty*$($place.UserHome)*"
        $refusal.ErrorDetails.RecommendedAction | Should -BeLike '*npm install -g @ampcode/cli*'
        $refusal.Exception | Should -BeOfType [Amp.AmpCliNotFoundException]
    }

    It 'does not take the amp of the folder it works in' -Skip:$IsWindows {
        $planted = Join-Path $place.Project 'amp'
        Set-Content -LiteralPath $planted -Value "#!/bin/sh`ntouch '$($place.Root)/planted-ran'"
        chmod +x $planted
        $call.Remove('CliPath')
        $call.Environment.PATH = "$($place.Project):.::bin"
        $refusal = Get-Refusal { Push-Location $place.Project; try { Invoke-AmpAgent 'go' @call } finally { Pop-Location } }

        Assert-Refusal $refusal 'CliNotFound' 'ObjectNotFound' $null '*not found*'
        Join-Path $place.Root 'planted-ran' | Should -Not -Exist
    }

    It 'has a CLI that is not there' {
        $call.CliPath = Join-Path $place.Root 'no-amp'
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'CliNotFound' 'ObjectNotFound' $call.CliPath "*$($call.CliPath)*"
    }

    It 'has an AMP_CLI_PATH that leads nowhere, and says that the variable names it' {
        $call.Remove('CliPath')
        $call.Environment.AMP_CLI_PATH = Join-Path $place.Root 'no-amp'
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'CliNotFound' 'ObjectNotFound' $call.Environment.AMP_CLI_PATH `
            "*$($call.Environment.AMP_CLI_PATH)*AMP_CLI_PATH*"
    }

    It 'has a folder for a CLI' {
        $call.CliPath = $place.Project
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'CliNotFound' 'ObjectNotFound' $place.Project '*is a folder*'
    }

    It 'has a CLI that cannot be executed' -Skip:$IsWindows {
        $call.CliPath = Join-Path $place.Root 'amp'
        Copy-Item -LiteralPath (Get-AmpTestLayout).FakeCli -Destination $call.CliPath
        chmod 644 $call.CliPath
        $refusal = Get-Refusal { Invoke-AmpAgent 'go' @call }

        Assert-Refusal $refusal 'CliNotFound' 'ObjectNotFound' $call.CliPath "*$($call.CliPath)*cannot be executed*"
        $refusal.ErrorDetails.RecommendedAction | Should -BeLike '*chmod +x*'
    }

    It 'has a CLI that the system refuses to start' -Skip:$IsWindows {
        $call.CliPath = Join-Path $place.Root 'amp'
        [System.IO.File]::WriteAllBytes($call.CliPath, [byte[]] (0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0))
        chmod +x $call.CliPath
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'CliNotFound' 'ObjectNotFound' $call.CliPath "*$($call.CliPath)*"
    }

    It 'has another program that is called amp' {
        $call.Environment.AMP_FAKE_VERSION = 'amplitude 1.4.0'
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'CliNotFound' 'ObjectNotFound' $call.CliPath `
            "*$($call.CliPath)*not the Amp CLI*amplitude 1.4.0*"
    }

    It 'has a folder to work in that does not exist' {
        $call.WorkingDirectory = Join-Path $place.Root 'no-folder'
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'InvalidOption' 'InvalidArgument' $call.WorkingDirectory `
            "*$($call.WorkingDirectory)*does not exist*"
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty -Because 'what needs no CLI is checked before one is asked anything'
    }

    It 'has a file to work in' {
        $call.WorkingDirectory = $call.Environment.AMP_FAKE_SCRIPT
        Assert-Refusal (Get-Refusal { Invoke-AmpAgent 'go' @call }) 'InvalidOption' 'InvalidArgument' $call.WorkingDirectory '*is a file*'
    }

    It 'has <What>' -ForEach @(
        @{ What = 'an empty prompt'; Extra = @{ Prompt = '' }; Target = 'Prompt'; Message = '*prompt is empty*' }
        @{ What = 'a blank prompt'; Extra = @{ Prompt = " `n`t" }; Target = 'Prompt'; Message = '*prompt is empty*' }
        @{ What = 'a null prompt'; Extra = @{ Prompt = $null }; Target = 'Prompt'; Message = '*prompt is empty*' }
        @{ What = 'no prompt'; Extra = @{}; Target = 'Prompt'; Message = '*no prompt*' }
        @{ What = 'an empty mode'; Extra = @{ Prompt = 'go'; Mode = '' }; Target = 'Mode'; Message = '*mode is empty*' }
        @{ What = 'a mode with NUL'; Extra = @{ Prompt = 'go'; Mode = "sma`0rt" }; Target = 'Mode'; Message = '*Mode*NUL*' }
        @{ What = 'a thread that is none'; Extra = @{ Prompt = 'go'; ThreadId = 'T-1' }; Target = 'T-1'; Message = "*'T-1' is not a valid thread*" }
        @{ What = 'an option for a thread'; Extra = @{ Prompt = 'go'; ThreadId = '--help' }; Target = '--help'; Message = "*'--help'*" }
        @{
            What = 'a thread by its ID and the last one'; Message = '*cannot be used together*'; Target = 'ContinueThread'
            Extra = @{ Prompt = 'go'; ThreadId = 'T-00000000-0000-4000-8000-000000000000'; ContinueThread = $true }
        }
        @{ What = 'an empty -CliPath'; Extra = @{ Prompt = 'go'; CliPath = '' }; Target = 'CliPath'; Message = '*CliPath*empty*' }
        @{ What = 'an empty -WorkingDirectory'; Extra = @{ Prompt = 'go'; WorkingDirectory = '' }; Target = 'WorkingDirectory'
            Message = '*WorkingDirectory*empty*'
        }
    ) {
        foreach ($name in $Extra.Keys) {
            $call[$name] = $Extra[$name]
        }

        Assert-Refusal (Get-Refusal { Invoke-AmpAgent @call }) 'InvalidOption' 'InvalidArgument' $Target $Message
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'has a variable with <What>, and the error does not show its value' -ForEach @(
        @{ What = 'an empty name'; Name = ''; Value = 'canary-value' }
        @{ What = 'an equals sign in its name'; Name = 'A=B'; Value = 'canary-value' }
        @{ What = 'NUL in its name'; Name = "A`0B"; Value = 'canary-value' }
        @{ What = 'NUL in its value'; Name = 'TOKEN'; Value = "canary-value`0x" }
    ) {
        $call.Environment[$Name] = $Value
        $refusal = Get-Refusal { Invoke-AmpAgent 'go' @call }

        Assert-Refusal $refusal 'InvalidOption' 'InvalidArgument' 'Environment' '*environment variable*'
        $refusal | Format-List * -Force | Out-String | Should -Not -Match 'canary-value'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'asks for thinking of a CLI that cannot show it, which is named' {
        $layout = Get-AmpTestLayout
        $call.Environment.AMP_FAKE_VERSION = '0.0.1767830505-ga62310'
        $call.Environment.AMP_FAKE_HELP = Join-Path $layout.Root 'tests/Amp.FakeCli/help/2026-01-08.txt'
        $refusal = Get-Refusal { Invoke-AmpAgent 'go' @call -IncludeThinking }

        Assert-Refusal $refusal 'UnsupportedByCli' 'NotImplemented' 'IncludeThinking' '*0.0.1767830505-ga62310*--stream-json-thinking*'
    }

    It 'has a number of seconds that is negative' {
        { Invoke-AmpAgent 'go' @call -TimeoutSec -1 } |
            Should -Throw -ErrorId 'ParameterArgumentValidationError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    }

    It 'can be caught by the type of its exception' {
        $call.WorkingDirectory = Join-Path $place.Root 'no-folder'
        $caught = try { Invoke-AmpAgent 'go' @call } catch [Amp.AmpValidationException] { $_.Exception.OptionName }

        $caught | Should -Be 'WorkingDirectory'
    }

    It 'shows its message and, on a line of its own, what to do, or keeps that where PowerShell does not show it' {
        $call.WorkingDirectory = '/no-folder'
        $shell = Invoke-AmpTestShell $place 'Invoke-AmpAgent go @call; $Error[0].ErrorDetails.RecommendedAction' -Call $call

        $shell.Error | Should -Match "(?s)The working directory '/no-folder' does not exist\."
        $shell.Output | Should -BeLike 'Give an existing folder*'
        if ($PSVersionTable.PSVersion -ge [version] '7.5') {
            $shell.Error | Should -Match "(?s)does not exist\.\s.*Recommendation: Give an existing folder"
        }

        $shell.Error | Should -Not -Match 'Exception|   at Amp\.'
    }
}
